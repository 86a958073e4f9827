import { describe, expect, it } from 'vitest';
import { openFormula } from './maths';
import { Sheet } from './sheet.testing';

const formulas = (text: string, writing = false): (string | null)[] =>
  [...new Sheet().show(text, writing).querySelectorAll('.maths')].map((found) => found.textContent);

describe('a formula', () => {
  it.each([
    ['so $x^2$ is', ['$x^2$']],
    ['$x$, $y$ and the $n$th, $k$-th or $m$s', ['$x$', '$y$', '$n$', '$k$', '$m$']],
    ['\\(a < b\\) and \\[c\\]', ['\\(a < b\\)', '\\[c\\]']],
    ['inline $$a$$ too', ['$$a$$']],
    ['before:\n$$\na\n+ b\n= c\n$$\nafter', ['$$\na\n+ b\n= c\n$$']],
    ['\\[\n\\frac{a}{b}\n\\]', ['\\[\n\\frac{a}{b}\n\\]']],
    ['- item $a_1$\n- $$b$$', ['$a_1$', '$$b$$']],
    ['| $a$ | b |\n|--|--|\n| c | \\(d\\) |', ['$a$', '\\(d\\)']],
    ['**bold $a*b$** and *thin $c_d$*', ['$a*b$', '$c_d$']],
    ['$\\text{costs \\$5}$', ['$\\text{costs \\$5}$']],
    ['质量是$m$。', ['$m$']],
  ])('is found: %s', (text, found) => {
    expect(formulas(text)).toEqual(found);
  });

  it.each([
    'It costs $5 and $10.',
    'From $5-$10, US$5 or CA$7, 5$ or 6$.',
    '$5 million went to the bank$ of the river',
    'echo $HOME/$USER and $PATH:$PATH',
    '`$x$` and `\\(y\\)`',
    '```sh\necho $a $b$\n$$\n```',
    '\\$x\\$ and $ x $ and $$',
    'a $x\n\ny$ b',
    '$`code`$',
  ])('is not: %s', (text) => {
    expect(formulas(text)).toEqual([]);
  });

  it('is shown as it was written until it has ended, whatever its lines look like', () => {
    const text = 'So\n\n$$\na\n+ b\n- c\n# d\n$$\n\nend';
    for (let end = text.indexOf('$$') + 3; end < text.lastIndexOf('$$') + 2; end += 1) {
      const root = new Sheet().show(text.slice(0, end), true);
      expect(root.querySelector('ul, h3, .maths')).toBeNull();
    }
    expect(formulas(text)).toHaveLength(1);
  });

  it('that has begun is none where a blank line or its end came', () => {
    expect(openFormula('a\n$$\nb')).toBe(2);
    expect(openFormula('$$\nb')).toBe(0);
    for (const text of ['a $$ b', '$$\na\n$$', '$$\na\n$$\nb', '$$\na\n\nb', '\\[a\\]', 'x']) expect(openFormula(text)).toBe(-1);
  });
});
