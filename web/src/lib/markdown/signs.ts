/**
 * Text of a model -> nodes in which no sign can disguise what stands around it. What is copied is what the
 * model wrote: nothing is taken out.
 */
import { element, type Child } from './dom';

// Signs that set the direction of what follows: a run with them is shut off as a whole.
const TURNS = /[\u202a-\u202e\u2066-\u2069]/;
// A second alphabet that no font shows: letters for machines, hidden from people. Flags of regions are made of them too.
// And the two signs that turn letters around, so that what is read is not what is copied.
const DECEIVING = /(\u{1f3f4}[\u{e0061}-\u{e007a}\u{e0030}-\u{e0039}]+\u{e007f})|([\u{e0000}-\u{e007f}]+|[\u202d\u202e])/u;
// In code nothing invisible is innocent, but for the joiners of emoji and of scripts that need them.
const HIDDEN_IN_CODE = /[\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/u;
// A text node of this size is laid out again alone when code grows.
export const PIECE = 4096;

/** Prose. A run with direction signs is shut off, so that they cannot reach beyond it; hidden letters get a mark. */
export function prose(text: string): Child[] {
  const nodes = DECEIVING.test(text) ? marked(text, DECEIVING) : [text];
  return TURNS.test(text) ? [element('bdi', {}, nodes)] : nodes;
}

/** Code. Each sign that cannot be seen is shut off by itself and gets a mark, so that code reads as it runs. */
export function code(text: string): Child[] {
  const parts = HIDDEN_IN_CODE.test(text) ? marked(text, HIDDEN_IN_CODE) : [text];
  return parts.flatMap((part) => (typeof part === 'string' ? (pieces(part) as Child[]) : [part]));
}

function marked(text: string, hidden: RegExp): Child[] {
  const nodes: Child[] = [];
  let plain = 0;
  for (const match of text.matchAll(new RegExp(hidden, 'gu'))) {
    if (match[1] !== undefined) continue; // a flag
    if (match.index > plain) nodes.push(text.slice(plain, match.index));
    nodes.push(element('bdi', { class: 'hidden-sign' }, [match[0]]));
    plain = match.index + match[0].length;
  }
  if (plain < text.length) nodes.push(text.slice(plain));
  return nodes;
}

/** Never cut within a sign of two halves. */
function pieces(text: string): string[] {
  const found: string[] = [];
  for (let start = 0; start < text.length; ) {
    let end = start + PIECE;
    if (end < text.length) {
      const line = text.lastIndexOf('\n', end);
      if (line > start) end = line + 1;
      else if (/[\ud800-\udbff]/.test(text.charAt(end - 1))) end += 1;
    }
    found.push(text.slice(start, end));
    start = end;
  }
  return found;
}

/** The tokenizer leaves entities as written; a reader wants the sign. */
const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };
export const decode = (text: string): string =>
  text.replace(/&(#\d{1,7}|#x[\da-f]{1,6}|[a-z]{2,5});/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return ENTITIES[name.toLowerCase()] ?? whole;
    const point = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    const shown = point > 31 && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
    return shown ? String.fromCodePoint(point) : whole;
  });
