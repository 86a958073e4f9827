/**
 * The blocks of an answer that is still being written. Only the end of the text is read again when more
 * comes, and only blocks whose source changed get new HTML: the cost of a frame does not grow with the answer.
 */
import type { Token } from 'marked';
import remend from 'remend';
import { block, lex, type Labels, type Links } from './render';

export type Block = { readonly id: number; readonly raw: string; readonly html: string };

// Two blocks stay open: a list that a blank line seemed to end can still go on.
const OPEN_BLOCKS = 2;

export class Blocks {
  #labels: Labels;
  #text = '';
  #settled: Block[] = [];
  #settledChars = 0;
  #open: Block[] = [];
  #links: Links = {};

  constructor(labels: Labels) {
    this.#labels = labels;
  }

  /** The text so far. `writing` closes half-written syntax in the last block; false reads the whole once. */
  read(source: string, writing: boolean): readonly Block[] {
    const text = source.includes('\r') ? source.replace(/\r\n?/g, '\n') : source;
    if (!writing || !text.startsWith(this.#text)) this.#forget();
    this.#text = text;
    const tokens = lexed(text.slice(this.#settledChars), this.#links).filter((token) => token.raw !== '');
    const solid = tokens.flatMap((token, index) => (isShown(token) ? [index] : []));
    const last = solid.at(-1);
    const keep = writing ? (solid.at(-OPEN_BLOCKS) ?? 0) : 0;

    const before = this.#open;
    let next = 0;
    const read = tokens.flatMap((token, index) => {
      if (!isShown(token)) return [];
      const known = before[next];
      const id = this.#settled.length + next;
      next += 1;
      const half = writing && index === last && token.type !== 'code';
      if (known?.raw === token.raw && !half) return [{ index, block: known }];
      const html = half ? this.#halfWritten(token) : block(token, this.#labels);
      return [{ index, block: { id, raw: half ? `${token.raw}\u0000` : token.raw, html } }];
    });
    const done = read.filter((entry) => entry.index < keep).map((entry) => entry.block);
    this.#open = read.filter((entry) => entry.index >= keep).map((entry) => entry.block);
    this.#settled.push(...done);
    for (const token of tokens.slice(0, keep)) this.#settledChars += token.raw.length;
    return [...this.#settled, ...this.#open];
  }

  #halfWritten(token: Token): string {
    const closed = remend(token.raw, { linkMode: 'text-only', htmlTags: false, katex: false });
    return lexed(closed, { ...this.#links })
      .map((part) => block(part, this.#labels))
      .join('');
  }

  #forget(): void {
    this.#settled = [];
    this.#settledChars = 0;
    this.#open = [];
    this.#links = {};
  }
}

/** Markdown nested so deep that reading it exhausts the stack is shown as it was written. */
function lexed(text: string, links: Links): Token[] {
  try {
    return lex(text, links);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return [{ type: 'text', raw: text, text }];
  }
}

const isShown = (token: Token): boolean => token.type !== 'space' && token.type !== 'def';
