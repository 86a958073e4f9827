import { describe, expect, it } from 'vitest';
import { sources } from './sources';

const styles = sources('.css', '.svelte').map(({ path, text }) => ({
  path,
  css: path.endsWith('.css') ? text : (/<style>([\s\S]*)<\/style>/.exec(text)?.[1] ?? ''),
}));

const PHYSICAL = [
  /(?:margin|padding|border|scroll-margin|scroll-padding)-(?:left|right)\b/,
  /(?:^|[\s;{])(?:left|right)\s*:/,
  /border-(?:top|bottom)-(?:left|right)-radius/,
  /(?:text-align|float|clear)\s*:\s*(?:left|right)\b/,
];

describe('the style of the page', () => {
  it('names no left and no right, so that it turns with the writing', () => {
    const found = styles.flatMap(({ path, css }) => PHYSICAL.filter((rule) => rule.test(css)).map((rule) => `${path}: ${rule.source}`));
    expect(found).toEqual([]);
  });

  it('takes its colours from the tokens', () => {
    const found = styles
      .filter(({ path }) => !path.endsWith('tokens.css'))
      .flatMap(({ path, css }) => [...css.matchAll(/#[\da-f]{3,8}\b|\b(?:hsl|oklch)\(/gi)].map((match) => `${path}: ${match[0]}`))
      .filter((entry) => !entry.endsWith(': #000'));
    expect(found).toEqual([]);
  });

  it('is never written into an element, which the site\'s policy forbids', () => {
    const found = sources('.svelte').filter(({ text }) => /\sstyle=|\{@html/.test(text));
    expect(found.map(({ path }) => path)).toEqual([]);
  });

  it('loads nothing from elsewhere', () => {
    const found = [...sources('.css', '.svelte', '.ts', '.js')]
      .filter(({ path }) => !path.endsWith('.test.ts'))
      .filter(({ text }) => /@import|url\(|["'`]https?:\/\/[^\\]/.test(text));
    expect(found.map(({ path }) => path)).toEqual([]);
  });
});
