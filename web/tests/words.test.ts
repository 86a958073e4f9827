import { parse } from 'svelte/compiler';
import { expect, it } from 'vitest';
import { en } from '../src/lib/words/en';
import { sources } from './sources';

const SPOKEN = new Set(['aria-label', 'aria-description', 'title', 'placeholder', 'alt', 'label']);
const LETTER = /\p{L}/u;

type Node = { type?: string; data?: string; name?: string; value?: unknown };

/** Texts that stand in a template itself, where the dictionary cannot reach them. */
function* textsIn(node: unknown): Generator<string> {
  if (Array.isArray(node)) for (const child of node) yield* textsIn(child);
  if (typeof node !== 'object' || node === null || Array.isArray(node)) return;
  const { type, data, name, value } = node as Node;
  if (type === 'Text' && typeof data === 'string') yield data;
  if (type === 'Attribute') {
    if (SPOKEN.has(name ?? '') && Array.isArray(value)) yield* textsIn(value);
    return;
  }
  for (const child of Object.values(node)) yield* textsIn(child);
}

it('no component has text of its own', () => {
  const found = sources('.svelte').flatMap(({ path, text }) => {
    const texts = [...textsIn(parse(text, { modern: true }).fragment)];
    return texts.filter((data) => LETTER.test(data)).map((data) => `${path}: ${data.trim()}`);
  });
  expect(found).toEqual([]);
});

it('every string of the dictionary is used', () => {
  const all = sources('.svelte', '.ts')
    .filter(({ path }) => !path.startsWith('lib/words/') && !path.endsWith('.test.ts'))
    .map(({ text }) => text)
    .join('\n');
  expect(Object.keys(en).filter((key) => !all.includes(`'${key}'`))).toEqual([]);
});
