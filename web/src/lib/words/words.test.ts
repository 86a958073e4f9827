import { describe, expect, it } from 'vitest';
import { fill, isolated } from './fill';
import { bestOf } from './languages';
import { load } from './load';
import { words as en } from './main/en';

describe('filling in', () => {
  it('keeps a text that runs the other way in its place', () => {
    expect(fill('Delete {title}?', { title: 'שלום, 2 + 2' }, 'en')).toBe(`Delete ${isolated('שלום, 2 + 2')}?`);
    expect(fill('Delete {title}?', { title: 'Bonjour' }, 'en')).toBe('Delete Bonjour?');
    expect(fill('{name}، {count}', { name: 'Qwen 3', count: 5 }, 'ar')).toBe(`${isolated('Qwen 3')}، 5`);
  });

  it('chooses the plural by the language\'s rules', async () => {
    const uk = (await load('main', 'uk'))['receipt.tokens'] ?? '';
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
    expect(bestOf(['nl-NL', 'fr-CA', 'en'])).toBe('fr');
    expect(bestOf(['zh-TW'])).toBe('zh');
    expect(bestOf([])).toBe('en');
    expect(bestOf(['fr', 'pl-PL'], ['uk', 'pl'])).toBe('pl');
    expect(bestOf(['fr'], ['uk', 'pl'])).toBe('uk');
    expect(bestOf(['constructor', 'toString'])).toBe('en');
  });
});
