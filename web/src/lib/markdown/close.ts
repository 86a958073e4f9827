/** Ends what is half-written at the end of a Markdown text, so that it looks as it will. Pure. */
import { masked } from './maths';

// Emphasis ends with its block: a blank line, an item, a heading, a quote's line that begins anew, a row's cell.
const BLOCKS = /\n[ \t>]*(?:\n|(?:[-*+]|\d{1,9}[.)]|#{1,6})(?=[ \t\n]|$)|\|)/g;
// Two lines or less below a text would make a heading of it, and be the beginning of a list or a rule a moment later.
const UNDERLINE = /\n {0,3}(?:-{1,2}|={1,2})[ \t]*$/;
const FENCE = /^[ \t>]*(?:[-*+][ \t]+|\d{1,9}[.)][ \t]+)*(`{3,}|~{3,})/;

// A link's address, to its end where that is there.
const ADDRESS = /^\]\((?:\\.|<[^<>\n]*>|"[^"]*"|\((?:\\.|[^()\\])*\)|[^()\\])*(\)?)/;
const WORD = /[\p{L}\p{N}_]/u;
const SIGNS = /\\[^]|`+|\*+|_+|~+|!?\[|\]/g;

/** What was opened: a sign of emphasis, how often, and where in the output; or the beginning of a link or picture. */
type Opened = { sign: string; count: number; at: number };

/** `cells`: it is a table. */
export function closed(raw: string, cells = false): string {
  const text = raw.replace(UNDERLINE, '');
  if (inFence(text)) return text;
  let start = 0;
  for (const found of text.matchAll(BLOCKS)) start = found.index + 1;
  if (cells) start = Math.max(start, text.lastIndexOf('|') + 1);
  return text.slice(0, start) + closedInline(text.slice(start));
}

function inFence(text: string): boolean {
  let fence = '';
  for (const line of text.split('\n')) {
    const found = FENCE.exec(line)?.[1] ?? '';
    if (fence === '') fence = found;
    else if (found.startsWith(fence)) fence = '';
  }
  return fence !== '';
}

function closedInline(text: string): string {
  const plain = masked(text);
  const signs = new RegExp(SIGNS);
  const open: Opened[] = [];
  let out = '';
  let last = 0;
  for (let found = signs.exec(plain); found !== null; found = signs.exec(plain)) {
    const [run] = found;
    const at = found.index;
    const sign = run.charAt(0);
    out += text.slice(last, at);
    let end = at + run.length;
    if (sign === '`') {
      const rest = text.slice(end);
      const close = new RegExp(`(?<!\`)${run}(?!\`)`).exec(rest);
      if (close === null) {
        const code = rest.replace(/`+$/, '');
        return ended(code.trim() === '' ? out : out + run + code + run, open);
      }
      end += close.index + run.length;
    } else if (run.endsWith('[')) open.push({ sign: '[', count: run.length, at: out.length });
    else if (sign === ']') {
      const from = open.findLastIndex((one) => one.sign === '[');
      const begun = from < 0 ? undefined : open.splice(from)[0];
      const address = begun && ADDRESS.exec(text.slice(at));
      if (begun && address) {
        if (address[1] === '') return ended(half(out, begun), open);
        end = at + address[0].length;
      }
    } else if (sign === '*' || sign === '_' || run === '~~') emphasis(open, plain, at, run, out.length);
    // A single tilde at the end may be half of two.
    if (run !== '~' || end < text.length) out += text.slice(at, end);
    last = end;
    signs.lastIndex = end;
  }
  return ended(out + text.slice(last), open);
}

/** A link whose address is not there yet is its text; a picture, nothing. */
const half = (out: string, { count, at }: Opened): string => out.slice(0, at) + (count > 1 ? '' : out.slice(at + 1));

/** A run of one sign ends what it can, and begins what is left of it. */
function emphasis(open: Opened[], plain: string, at: number, run: string, place: number): void {
  const sign = run.charAt(0);
  const [before, after] = [plain.charAt(at - 1), plain.charAt(at + run.length)];
  const [inside, ahead] = [WORD.test(before), WORD.test(after)];
  if (sign === '_' && inside && ahead) return;
  let count = run.length;
  while (count > 0 && /\S/.test(before) && (inside || !ahead)) {
    const from = open.findLastIndex((one) => one.sign === sign);
    const opened = open[from];
    if (opened === undefined) break;
    const both = Math.min(count, opened.count);
    count -= both;
    opened.count -= both;
    open.splice(opened.count === 0 ? from : from + 1);
  }
  // With nothing after it yet, it may begin something. "2*3" is a product.
  const begins = (ahead && (!inside || run.length > 1)) || (!/\s/.test(after) && !inside) || (after === '' && sign !== '_');
  if (count > 0 && begins) open.push({ sign, count, at: place });
}

/** What is open is closed; of what has begun and holds nothing yet, nothing is shown. */
function ended(text: string, open: readonly Opened[]): string {
  let out = text;
  let signs = '';
  for (const opened of open.toReversed()) {
    const { sign, count, at } = opened;
    if (sign === '[') out = half(out, opened);
    else if (out.slice(at + count).trim() === '') out = out.slice(0, at);
    else signs += sign.repeat(count);
  }
  const rest = out.trimEnd();
  return rest + signs + out.slice(rest.length);
}
