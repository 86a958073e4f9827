import { describe, expect, it } from 'vitest';
import { closed } from './close';

describe('what is half-written', () => {
  it.each([
    ['some **bold te', 'some **bold te**'],
    ['some **bold te*', 'some **bold te**'],
    ['some **bold ', 'some **bold** '],
    ['a **b *c', 'a **b *c***'],
    ['a ***both** x', 'a ***both** x*'],
    ['~~gone~', '~~gone~~'],
    ['it is _so', 'it is _so_'],
    ['日本**語', '日本**語**'],
    ['use `a*b', 'use `a*b`'],
    ['use ``x ` y`', 'use ``x ` y``'],
    ['**see `c', '**see `c`**'],
    ['- **a** b\n- **c', '- **a** b\n- **c**'],
    ['| **a** | **b', '| **a** | **b**'],
  ])('is closed: %s', (text, whole) => {
    expect(closed(text, text.startsWith('|'))).toBe(whole);
  });

  it.each([
    ['a [link](https://exam', 'a link'],
    ['a [link', 'a link'],
    ['**a [link](htt', '**a link**'],
    ['see ![a well](htt', 'see '],
    ['see ![a we', 'see '],
  ])('is its text where it is a link, and nothing where it is a picture: %s', (text, whole) => {
    expect(closed(text)).toBe(whole);
  });

  it.each([
    ['some **', 'some '],
    ['some `', 'some '],
    ['some **[', 'some '],
    ['A text\n--', 'A text'],
    ['A text\n- ', 'A text'],
  ])('is not shown while it may become anything: %s', (text, whole) => {
    expect(closed(text)).toBe(whole);
  });

  it.each([
    'snake_case and 5 * 3 or 2*3 = 6',
    'a **b** `c*` [d](https://e.example/f_g_(h) "*") ![i](j) ~~k~~ 20~25',
    'an open * star, a \\*sign, [a] and [b][c]',
    '$x^* y$ and \\(a_b *c\\) too',
    '- **one\n- two',
    '| **a | b',
    '- text\n\n  ```js\n  let *a = `b',
  ])('is nothing in %s', (text) => {
    expect(closed(text, text.startsWith('|'))).toBe(text);
  });
});
