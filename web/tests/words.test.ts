import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'svelte/compiler';
import { describe, expect, it } from 'vitest';
import type { Entry } from '../src/lib/words/entry';
import { isCode, languages, tags, type Code } from '../src/lib/words/languages';
import { load } from '../src/lib/words/load';
import { root, sources } from './sources';

const PARTS = readdirSync(join(root, 'lib', 'words'), { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name);
const CODES = Object.keys(languages).filter(isCode);
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

const code = sources('.svelte', '.ts')
  .filter(({ path }) => !path.startsWith('lib/words/') && !path.endsWith('.test.ts'))
  .map(({ text }) => text)
  .join('\n');

const forms = (entry: Entry): string[] => (typeof entry === 'string' ? [entry] : Object.values(entry));
const holes = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '').sort();

/** Forms that stand for one number alone may say it in words; none of what they count is said of nothing. */
function spellable(tag: string): Set<string> {
  const rules = new Intl.PluralRules(tag);
  const numbers = Array.from({ length: 200 }, (_, index) => rules.select(index + 1));
  return new Set(rules.resolvedOptions().pluralCategories.filter((form) => form === 'zero' || numbers.filter((of) => of === form).length === 1));
}

function faultsOf(key: string, entry: Entry, english: Entry, of: Code): string[] {
  const found: string[] = [];
  const wanted = holes(forms(english).at(-1) ?? '');
  if (typeof entry !== 'string') {
    const plurals = new Intl.PluralRules(tags[of]).resolvedOptions().pluralCategories;
    if (Object.keys(entry).sort().join() !== [...plurals].sort().join()) found.push(`${key}: has the forms ${Object.keys(entry).join()}`);
  }
  for (const [form, text] of typeof entry === 'string' ? [['', entry] as const] : Object.entries(entry)) {
    const may = spellable(tags[of]).has(form) ? [wanted.join(), wanted.filter((hole) => hole !== 'count').join()] : [wanted.join()];
    if (!may.includes(holes(text).join())) found.push(`${key} ${form}: has the places ${holes(text).join()}`);
    if (text.trim() === '') found.push(`${key} ${form}: is empty`);
  }
  return found;
}

/** English comes along with its part, the others are fetched. */
const wordsOf = async (part: string, code: Code): Promise<Record<string, Entry>> =>
  code === 'en' ? ((await import(`../src/lib/words/${part}/en.ts`)) as { words: Record<string, Entry> }).words : load(part, code);

describe.each(PARTS)('the words of %s', (part) => {
  it('are all used', async () => {
    const used = (key: string): boolean => new RegExp(`['.]${key.replaceAll('.', '\\.')}'`).test(code);
    expect(Object.keys(await wordsOf(part, 'en')).filter((key) => !used(key))).toEqual([]);
  });

  it.each(CODES)('are complete in %s: every string, every plural, every place to fill in', async (of) => {
    const [english, words] = [await wordsOf(part, 'en'), await wordsOf(part, of)];
    expect(Object.keys(words).sort()).toEqual(Object.keys(english).sort());
    expect(Object.entries(words).flatMap(([key, entry]) => faultsOf(key, entry, english[key] ?? '', of))).toEqual([]);
  });
});
