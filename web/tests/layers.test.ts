import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sources } from './sources';

// From the page down to the wire. A layer may use those below it; the pure rooms are used by any above services.
const ORDER = ['routes', 'lib/components', 'lib/stores', 'lib/pure', 'lib/services'];
const PURE = /^lib\/(?:turn|tree|markdown|rich|plot|words|files|speech|shelf)\//;

const layerOf = (path: string): number => (PURE.test(path) ? 3 : ORDER.findIndex((layer) => path.startsWith(`${layer}/`)));

const files = sources('.svelte', '.ts').filter(({ path }) => !path.endsWith('.test.ts') && layerOf(path) >= 0);

describe('the layers of the page', () => {
  it('use only what is below them', () => {
    const wrong = files.flatMap(({ path, text }) =>
      [...text.matchAll(/from '(\.[^']+)'/g)]
        .map((match) => join(dirname(path), match[1] ?? ''))
        .filter((target) => layerOf(target) < layerOf(path))
        .map((target) => `${path} -> ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it('let only stores act through services; others may name the shapes', () => {
    const wrong = files
      .filter(({ path }) => layerOf(path) !== 2 && layerOf(path) !== 4)
      .filter(({ text }) => /import (?!type )[^;]*from '[^']*\/services\//.test(text));
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  it('let only services touch the network and the storage', () => {
    const wrong = files
      .filter(({ path }) => layerOf(path) !== 4)
      .filter(({ text }) => /\bfetch\(|EventSource\(|XMLHttpRequest|localStorage|sessionStorage/.test(text));
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  it('keep to small files', () => {
    const long = files.filter(({ path, text }) => !path.startsWith('lib/words/') && text.split('\n').length > 260);
    expect(long.map(({ path }) => path)).toEqual([]);
  });
});
