import { Lexer, Tokenizer } from 'marked';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { morph } from './morph';
import { Sheet } from './sheet.testing';

const page = (text: string, writing = false): HTMLElement => new Sheet().show(text, writing);

const SAMPLE = [
  '# Title\n\nA paragraph with **bold**, *thin*, ~~gone~~, `code` and [a link](https://example.org/a?b=1&c=2).',
  '- one\n- two\n\n  still two\n\n1. first\n2. second\n   - inside\n\n   ```sh\n   ls\n   ```',
  '> quoted\n> lines\n\n| a | b |\n|--|--:|\n| 1 | 2 |\n\n```js\nlet a = "<b>";\n\n``\nlet b;\n```',
  '````md\n```js\nx\n```\n````\n\n~~~\n~~\n~~~\n\n    indented\n\n    code',
  'A formula $a_1 * b_1 *$ no, $e^{i\\pi}$ and \\(x<y\\):\n\n$$\n\\sum_i\n+ b\n= c\n$$\n\nor\n\\[\n\\frac{a}{b}\n\\]\n',
  'Price $5 and $10.\r\nLines\r\rof\r\nold kinds.',
  'See [ref] and ![pic][ref]. 👩‍🚀 \u202eturned\u202c\n\n[ref]: https://example.org/ref\n\nLast & final.',
].join('\n\n');

/** What went through the lexer while `act` ran. */
function lexed(act: () => void): number {
  const spy = vi.spyOn(Lexer.prototype, 'lex');
  act();
  const read = spy.mock.calls.reduce((sum, [text]) => sum + text.length, 0);
  spy.mockRestore();
  return read;
}

// Much text on a machine that has other work too.
vi.setConfig({ testTimeout: 60_000 });

afterEach(() => vi.restoreAllMocks());

describe('an answer that is being written', () => {
  it.each([1, 2, 3, 7, 50, 333])('ends as the same page, cut into pieces of %i signs', (step) => {
    const sheet = new Sheet();
    for (let end = 0; end < SAMPLE.length; end += step) sheet.show(SAMPLE.slice(0, end), true);
    const grown = sheet.show(SAMPLE, false);
    grown.normalize();
    expect(grown.innerHTML).toBe(page(SAMPLE).innerHTML);
  });

  it('looks the same whether it grew or is read at once, at every sign', () => {
    const sheet = new Sheet();
    for (let end = 1; end < SAMPLE.length; end += 1) {
      const grown = sheet.show(SAMPLE.slice(0, end), true).textContent;
      const once = page(SAMPLE.slice(0, end), true).textContent;
      // Code that grows holds back the last line's end, and what may become its own end.
      const held = (text: string): string => text.replace(/\s+|[`~]+/g, '');
      expect(held(grown ?? ''), SAMPLE.slice(0, end).slice(-30)).toBe(held(once ?? ''));
    }
  });

  it('closes half-written syntax in its last block', () => {
    expect(page('some **bold te', true).querySelector('strong')?.textContent).toBe('bold te');
    expect(page('a [link](https://exam', true).textContent).toBe('a link');
    expect(page('```py\nprint(', true).querySelector('pre')?.textContent).toBe('print(');
  });

  it('touches the last blocks only', () => {
    const text = Array.from({ length: 40 }, (_, index) => `Paragraph ${index} with **words**.`).join('\n\n');
    const sheet = new Sheet();
    sheet.show(text, true);
    sheet.show(`${text} And more`, true);
    expect(sheet.changed).toHaveLength(1);
    expect(sheet.root.children).toHaveLength(40);
  });

  it('is read again where it does not go on from what was there', () => {
    const sheet = new Sheet();
    sheet.show('one\n\ntwo\n\nthree', true);
    expect(sheet.show('something else', true).textContent).toBe('something else');
    expect(sheet.show('', false).textContent).toBe('');
  });

  it('shows the end of code never as a part of it', () => {
    const sheet = new Sheet();
    const text = '```js\nlet a;\n```\nafter';
    for (let end = 8; end <= text.length; end += 1) {
      expect(sheet.show(text.slice(0, end), true).querySelector('pre')?.textContent).not.toContain('`');
    }
    expect(sheet.root.querySelector('p')?.textContent).toBe('after');
  });
});

describe('what a piece of an answer costs', () => {
  const endless: [string, (index: number) => string, string][] = [
    ['paragraphs', (index) => `Paragraph ${index} with **some** words.\n\n`, ''],
    ['one paragraph', (index) => `word${index} and some more words that are plain, *and* `, ''],
    ['one word', () => 'aaaaaaaaaaaaaaaaaaaa', ''],
    ['one piece of code', (index) => `let line${index} = "\`\`";\n`, '```js\n'],
    ['one list', (index) => `- item ${index} of **many**\n`, ''],
    ['one table', (index) => `| ${index} | b **c** |\n`, '| a | b |\n|---|---|\n'],
    ['one quote', (index) => `> line ${index} said\n`, ''],
    ['one item of a list', (index) => `  line ${index}\n`, '- begins\n'],
  ];

  it.each(endless)('does not grow with its length: %s', (_, piece, start) => {
    const sheet = new Sheet();
    let text = start;
    let index = 0;
    const grow = (chars: number): void => {
      for (const end = text.length + chars; text.length < end; ) text += piece((index += 1));
      sheet.show(text, true);
    };
    /** The dearest of some small pieces, after as much text. */
    const costAt = (chars: number): number => {
      while (text.length < chars) grow(4_000);
      return Math.max(...Array.from({ length: 6 }, () => lexed(() => grow(1))));
    };
    costAt(10_000);
    expect(costAt(20_000)).toBeLessThan(70_000);
    expect(costAt(40_000)).toBeLessThan(70_000);
    // Nothing is lost by a cut.
    const words = (shown: string | null): string[] => shown?.match(/\d+/g) ?? [];
    expect(words(sheet.root.textContent)).toEqual(words(text));
    const whole = sheet.show(text, false);
    expect(whole.children).toHaveLength(new Sheet().show(text, false).children.length);
  });

  it('is nothing but the new text while code is written', () => {
    const sheet = new Sheet();
    let text = '```py\nx = 1\n';
    sheet.show(text, true);
    const read = lexed(() => {
      for (let line = 0; line < 500; line += 1) sheet.show((text += `print(${line})\n`), true);
    });
    expect(read).toBe(0);
    expect(sheet.root.querySelector('code')?.textContent).toBe(text.slice(6, -1));
  });
});

describe('what a whole answer costs', () => {
  it('does not grow with the square of an item of a list', () => {
    const spy = vi.spyOn(Tokenizer.prototype, 'lheading');
    const shown = page(`- begins\n${'  some more\n'.repeat(9_000)}`);
    expect(shown.textContent).toHaveLength('begins'.length + 9_000 * '\nsome more'.length);
    expect(spy.mock.calls.length).toBeGreaterThan(0);
    expect(Math.max(...spy.mock.calls.map(([text]) => text.length))).toBeLessThanOrEqual(2_000);
  });

  it('leaves headings that are underlined what they are, also after much text', () => {
    const shown = page(`${'Many words.\n'.repeat(500)}\nFirst\nof all\n===\n\n${'And '.repeat(900)}\n\nSecond\n---\n\nEnd`);
    expect([...shown.querySelectorAll('h3, h4')].map((heading) => heading.textContent)).toEqual(['First\nof all', 'Second']);
    expect(shown.querySelector('hr')).toBeNull();
  });
});

describe('a block that grows in the page', () => {
  it('keeps its nodes, so that a selection and the focus stay', () => {
    const sheet = new Sheet();
    sheet.show('one **two', true);
    const [paragraph, strong] = [sheet.root.querySelector('p'), sheet.root.querySelector('strong')];
    const text = strong?.firstChild;
    sheet.show('one **two three** four\n\nfive', true);
    expect(sheet.root.textContent).toBe('one two three fourfive');
    expect(sheet.root.querySelector('p')).toBe(paragraph);
    expect(sheet.root.querySelector('strong')?.firstChild).toBe(text);
  });

  it('becomes what it should be, whatever it was', () => {
    const target = document.createElement('div');
    const made = (name: string, ...children: (string | Node)[]): HTMLElement => {
      const element = document.createElement(name);
      element.append(...children);
      return element;
    };
    for (const make of [() => made('ul', made('li', 'a')), () => made('p', 'b'), () => made('p', 'c', made('br'), 'd'), () => made('p')]) {
      morph(target, made('div', make()));
      expect(target.innerHTML).toBe(made('div', make()).innerHTML);
    }
  });
});
