import { describe, expect, it } from 'vitest';
import type { Entry } from '../src/lib/words/entry';
import { isCode, languages, tags } from '../src/lib/words/languages';
import { sources } from './sources';

const AREAS = ['operator', 'status', 'receipts'] as const;
const load = async (area: string, code: string): Promise<Record<string, Entry>> => {
  const found = (await import(`../src/lib/words/${area}/${code}.ts`)) as Record<string, Record<string, Entry>>;
  return found[code === 'en' ? 'en' : 'words'] ?? {};
};
const forms = (entry: Entry): string[] => (typeof entry === 'string' ? [entry] : Object.values(entry));
const holes = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '').sort();
const used = sources('.svelte', '.ts').filter(({ path }) => !path.startsWith('lib/words/') && !path.endsWith('.test.ts'));

describe.each(AREAS)('the words of /%s', (area) => {
  it('are all used', async () => {
    const own = used.filter(({ path }) => path.toLowerCase().includes(area)).map(({ text }) => text).join('\n');
    expect(Object.keys(await load(area, 'en')).filter((key) => !own.includes(`'${key}'`))).toEqual([]);
  });

  it.each(Object.keys(languages).filter(isCode))('are complete in %s, with all plurals and the same places to fill in', async (code) => {
    const [english, words] = [await load(area, 'en'), await load(area, code)];
    expect(Object.keys(words).sort()).toEqual(Object.keys(english).sort());
    const plurals = new Intl.PluralRules(tags[code]).resolvedOptions().pluralCategories;
    for (const [key, entry] of Object.entries(words)) {
      if (typeof entry !== 'string') expect(Object.keys(entry).sort(), key).toEqual([...plurals].sort());
      for (const form of forms(entry)) {
        const spelled = typeof entry !== 'string' && !form.includes('{count}');
        const wanted = holes(forms(english[key] ?? '').at(-1) ?? '');
        expect(holes(form), key).toEqual(spelled ? wanted.filter((hole) => hole !== 'count') : wanted);
        expect(form.trim(), key).not.toBe('');
      }
    }
  });
});
