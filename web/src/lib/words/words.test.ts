import { describe, expect, it } from 'vitest';
import { en } from './en';
import type { Entry } from './entry';
import { fill } from './fill';
import { bestOf, isCode, languages, tags } from './languages';

const forms = (entry: Entry): string[] => (typeof entry === 'string' ? [entry] : Object.values(entry));
const holes = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '').sort();

describe.each(Object.keys(languages).filter(isCode))('the words of %s', (code) => {
  it('are complete, and no more than are known', async () => {
    expect(Object.keys(await languages[code].load()).sort()).toEqual(Object.keys(en).sort());
  });

  it('have a form for every plural of the language', async () => {
    const wanted = new Intl.PluralRules(tags[code]).resolvedOptions().pluralCategories;
    for (const [key, entry] of Object.entries(await languages[code].load())) {
      if (typeof entry !== 'string') expect(Object.keys(entry).sort(), key).toEqual([...wanted].sort());
    }
  });

  it('leave the same places to fill in, and no form is empty', async () => {
    const words: Record<string, Entry> = await languages[code].load();
    for (const [key, entry] of Object.entries(en)) {
      for (const form of forms(words[key] ?? '')) {
        const wanted = holes(forms(entry).at(-1) ?? '');
        // "one" may say the number in words.
        const spelled = typeof entry !== 'string' && !form.includes('{count}') && code !== 'uk';
        expect(holes(form), key).toEqual(spelled ? wanted.filter((hole) => hole !== 'count') : wanted);
        expect(form.trim(), key).not.toBe('');
      }
    }
  });
});

describe('filling in', () => {
  it('chooses the plural by the language\'s rules', async () => {
    const uk = (await languages.uk.load())['receipt.tokens'];
    const said = [1, 3, 5, 21, 1.5].map((count) => fill(uk, { count }, 'uk'));
    expect(said).toEqual(['1 токен', '3 токени', '5 токенів', '21 токен', '1,5 токена']);
    expect(fill(en['receipt.tokens'], { count: 1 }, 'en')).toBe('1 token');
  });

  it('writes numbers as the language does, and values as they are', () => {
    expect(fill('{count} for {title}', { count: 12345, title: '{count} $&' }, 'en')).toBe('12,345 for {count} $&');
  });
});

describe('the language at first sight', () => {
  it('is the first wish that there are words for', () => {
    expect(bestOf(['de-DE', 'fr-CA', 'en'])).toBe('fr');
    expect(bestOf(['zh-TW'])).toBe('zh');
    expect(bestOf([])).toBe('en');
    expect(bestOf(['constructor', 'toString'])).toBe('en');
  });
});
