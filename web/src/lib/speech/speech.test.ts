import { describe, expect, it } from 'vitest';
import { languageOf } from './language';
import { spoken, spokenPieces } from './spoken';

const NAMED = { code: 'code', formula: 'formula', image: 'picture' };
const said = (text: string): string[] => spoken(text, NAMED);

describe('what is said of an answer', () => {
  it('is its text without the signs of its form', () => {
    expect(said('# Title\n\nSome *words*, **more** and `x`.\n\n> quoted\n\n---\n')).toEqual(['Title', 'Some words, more and x.', 'quoted']);
    expect(said('- one\n- two\n  - three\n\n1. four')).toEqual(['one', 'two', 'three', 'four']);
    expect(said('| a | b |\n|---|---|\n| 1 | 2 |')).toEqual(['a, b', '1, 2']);
    expect(said('a\\\nb &amp; \\* c')).toEqual(['a b & * c']);
  });

  it('names code, formulas and pictures, and says links by their text', () => {
    expect(said('Look:\n\n```js\nalert(1)\n```\n\nDone.')).toEqual(['Look:', 'code', 'Done.']);
    expect(said('So $x^2$ and $$\\int f$$ and \\(a_1\\), for $5 and $n$.')).toEqual(['So formula and formula and formula, for $5 and n.']);
    expect(said('[the page](https://elsewhere.example/x) ![a cat](https://elsewhere.example/y)')).toEqual(['the page picture a cat']);
  });

  it('has nothing of what is not text', () => {
    expect(said('***\n\n&nbsp;\n\n- [ ]')).toEqual([]);
    expect(said('<div class="x">\nso\n</div>\n\nuse <b>bold</b>, 1 < 2')).toEqual(['so', 'use bold , 1 < 2']);
    expect(said('')).toEqual([]);
  });

  it('reads what is nested very deep nevertheless', () => {
    expect(said(`${'>'.repeat(20_000)} deep`).join(' ')).toContain('deep');
  });

  it('comes in sentences, none too long for a voice', () => {
    expect(spokenPieces('One. Two is here! Three?', NAMED, 'en')).toEqual(['One.', 'Two is here!', 'Three?']);
    const long = spokenPieces(`${'word '.repeat(200)}. ${'x'.repeat(1000)}`, NAMED, 'en');
    expect(Math.max(...long.map(({ length }) => length))).toBeLessThanOrEqual(220);
    expect(long.join('').replace(/\s/g, '')).toBe(`${'word'.repeat(200)}.${'x'.repeat(1000)}`);
    expect(spokenPieces('天空是蓝色的。为什么？', NAMED, 'zh')).toEqual(['天空是蓝色的。', '为什么？']);
  });
});

describe('the language of a text', () => {
  it.each([
    ['en', 'The sky is blue because that is what we see of it.'],
    ['fr', 'Le ciel est bleu, et les nuages sont dans une autre couleur.'],
    ['de', 'Der Himmel ist blau, und die Wolken sind nicht grün.'],
    ['es', 'El cielo es azul, pero las nubes son como una pared, muy altas.'],
    ['it', 'Il cielo è blu, ma anche le nuvole sono della luce, che non è questo.'],
    ['pt', 'O céu não é uma cor, mas as nuvens são da luz que está para você.'],
    ['pl', 'Niebo jest niebieskie, ale nie wiem, czy to się zmieni.'],
    ['uk', 'Небо синє, бо світло розсіюється.'],
    ['ar', 'السماء زرقاء لأن الضوء يتشتت.'],
    ['hi', 'आकाश नीला है।'],
    ['ja', '空は青いです。'],
    ['zh', '天空是蓝色的。'],
  ] as const)('is %s', (code, text) => {
    expect(languageOf(text, code === 'en' ? 'de' : 'en')).toBe(code);
  });

  it('is that of the page where nothing tells', () => {
    expect(languageOf('42', 'pl')).toBe('pl');
    expect(languageOf('', 'fr')).toBe('fr');
  });
});
