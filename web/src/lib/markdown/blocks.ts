/**
 * The blocks of an answer that is still being written. Only its end is read again when more comes: what a
 * piece costs does not grow with the answer, nor with a block that never ends.
 */
import type { Token, Tokens } from 'marked';
import { closed } from './close';
import { cutOf } from './cuts';
import type { Child } from './dom';
import { closes, lex, noLinks, openFence, type Links } from './lex';
import { openFormula } from './maths';
import { Renderer, type Labels } from './render';

export type Block = {
  readonly id: number;
  /** Blocks of the same place and key look the same. */
  readonly key: string;
  readonly build: () => Child[];
  /** It goes on in the paragraph of the block before. */
  readonly joined: boolean;
  /** Code that grew: only what came since the reading before. */
  readonly added?: string;
};

/** `blocks` come after the first `kept` blocks, which are as they were. */
export type Reading = { readonly kept: number; readonly blocks: readonly Block[] };

// Two blocks stay open: a list that a blank line seemed to end can still go on.
const OPEN_BLOCKS = 2;
// How much of what was read is compared, to see that the text goes on.
const SEEN = 64;

/** Code that has begun at the margin. Offsets are into the open text. */
type Fence = { readonly ends: RegExp; readonly block: Block; line: number; shown: number };

export class Blocks {
  readonly #whole: Renderer;
  readonly #half: Renderer;
  #taken = 0;
  #end = '';
  #open = '';
  #settled = 0;
  #shown: Block[] = [];
  #joins = false;
  /** Definitions that are settled, and with those that are still being written. */
  #links = noLinks();
  #found = noLinks();
  #fence: Fence | null = null;

  constructor(labels: Labels) {
    this.#whole = new Renderer(labels, false);
    this.#half = new Renderer(labels, true);
  }

  /** The text so far. `writing` closes half-written syntax in the last block; false reads the whole once. */
  read(source: string, writing: boolean): Reading {
    const goesOn = writing && this.#goesOn(source);
    if (!goesOn) this.#forget();
    this.#take(source);
    if (this.#fence !== null) {
      const grown = this.#grow(this.#fence);
      if (grown !== null) return grown;
      this.#fence = null;
    }
    const kept = this.#settled;
    const settled: Block[] = [];
    let tokens = this.#lex(writing);
    for (let cut = goesOn ? cutOf(tokens.at(-1)) : null; cut !== null; cut = cutOf(tokens.at(-1))) {
      const at = this.#open.length - (tokens.at(-1)?.raw.length ?? 0) + cut.at;
      const rest = cut.again + this.#open.slice(at);
      this.#open = this.#open.slice(0, at);
      const before = this.#lex(false);
      settled.push(...this.#blocks(before, before.length, false));
      this.#open = rest;
      this.#joins = cut.joined;
      tokens = this.#lex(writing);
    }
    const solid = tokens.flatMap((token, index) => (isShown(token) ? [index] : []));
    const fence = writing ? openFence(tokens.at(-1)) : null;
    // Nothing before code that has begun at the margin can change any more.
    const keep = !writing ? 0 : fence === null ? (solid.at(-OPEN_BLOCKS) ?? 0) : tokens.length - 1;
    const open = this.#blocks(tokens, keep, writing);
    if (fence !== null) this.#begin(fence, open.at(-1), tokens.at(-1));
    return { kept, blocks: [...settled, ...open] };
  }

  #goesOn(source: string): boolean {
    const taken = this.#taken;
    return taken > 0 && source.length >= taken && source.slice(Math.max(0, taken - SEEN), taken) === this.#end;
  }

  #take(source: string): void {
    const come = source.slice(this.#taken);
    // A line may end with one sign of the piece before and one of this.
    const lines = this.#end.endsWith('\r') && come.startsWith('\n') ? come.slice(1) : come;
    this.#open += lines.includes('\r') ? lines.replace(/\r\n?/g, '\n') : lines;
    this.#end = (this.#end + come).slice(-SEEN);
    this.#taken = source.length;
  }

  #lex(writing: boolean): Token[] {
    const formula = writing ? openFormula(this.#open) : -1;
    const tokens = formula < 0 ? [] : this.#tokens(this.#open.slice(0, formula));
    if (formula < 0 || openFence(tokens.at(-1)) !== null) return this.#tokens(this.#open);
    return [...tokens, { type: 'unfinished', raw: this.#open.slice(formula) }];
  }

  #tokens(text: string): Token[] {
    this.#found = Object.assign(noLinks(), this.#links);
    return lex(text, this.#found).filter((token) => token.raw !== '');
  }

  /** The first `keep` tokens are settled; the last one of those that are written is half-written. */
  #blocks(tokens: Token[], keep: number, writing: boolean): Block[] {
    const last = writing ? tokens.findLast(isShown) : undefined;
    const found = this.#found;
    const links = JSON.stringify(found);
    const [first, before] = [this.#settled, this.#shown];
    const read: Block[] = [];
    tokens.forEach((token, index) => {
      if (index < keep) this.#settle(token);
      if (!isShown(token)) return;
      const half = token === last;
      const key = `${token.raw}\u0000${half ? 'half' : ''}${links}`;
      const known = before[read.length];
      const id = first + read.length;
      const build = (): Child[] => (half ? this.#halfWritten(token, found) : this.#whole.block(token));
      read.push(known?.key === key ? known : { id, key, build, joined: this.#joins });
      if (index < keep) {
        this.#settled += 1;
        this.#joins = false;
      }
    });
    this.#shown = read.slice(this.#settled - first);
    return read;
  }

  #settle(token: Token): void {
    this.#open = this.#open.slice(token.raw.length);
    if (token.type !== 'def') return;
    const { tag, href, title } = token as Tokens.Def;
    this.#links[tag] ??= { href, title };
  }

  #halfWritten(token: Token, links: Links): Child[] {
    if (token.type === 'code' || token.type === 'unfinished') return this.#half.block(token);
    return this.#half.blocks(lex(closed(token.raw, token.type === 'table'), Object.assign(noLinks(), links)));
  }

  /** From here on code is only added to, until a line may end it. */
  #begin(fence: string, block: Block | undefined, token: Token | undefined): void {
    const start = this.#open.indexOf('\n') + 1;
    const text = (token as Tokens.Code).text;
    if (block === undefined || !this.#open.startsWith(text, start)) return;
    const line = Math.max(start, this.#open.lastIndexOf('\n') + 1);
    this.#fence = { ends: closes(fence), block, line, shown: start + text.length };
  }

  /** Null where the code may have ended. */
  #grow(fence: Fence): Reading | null {
    for (let end = this.#open.indexOf('\n', fence.line); end >= 0; end = this.#open.indexOf('\n', fence.line)) {
      if (fence.ends.test(this.#open.slice(fence.line, end))) return null;
      fence.line = end + 1;
    }
    // What may become the end is not shown before it is known, nor is the end of the line before.
    const held = /^ {0,3}(?:`+|~+)? *$/.test(this.#open.slice(fence.line)) ? fence.line - 1 : this.#open.length;
    const added = this.#open.slice(fence.shown, Math.max(fence.shown, held));
    fence.shown += added.length;
    return { kept: this.#settled, blocks: [{ ...fence.block, key: `${this.#taken}\u0000grown`, added }] };
  }

  #forget(): void {
    this.#taken = 0;
    this.#end = '';
    this.#open = '';
    this.#settled = 0;
    this.#shown = [];
    this.#joins = false;
    this.#links = noLinks();
    this.#found = noLinks();
    this.#fence = null;
  }
}

const isShown = (token: Token): boolean => token.type !== 'space' && token.type !== 'def';
