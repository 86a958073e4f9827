/** Bytes of a file -> its text, or why it has none. By content, never by name. Pure. */
export type NoText = 'empty' | 'binary';

// What no text has: control characters but for tabs, ends of lines and of pages. As the site's conversations/files.py.
// eslint-disable-next-line no-control-regex
const BINARY = /[\x00-\x08\x0b\x0e-\x1f\x7f]/;
// Colours of a terminal, in logs: they mean nothing on a page.
// eslint-disable-next-line no-control-regex
const COLOURS = /\x1b\[[\d;:]*[A-Za-z]/g;

const begins = (bytes: Uint8Array, ...mark: number[]): boolean => mark.every((byte, at) => bytes[at] === byte);

/** UTF-8, or UTF-16 that says so in its first two bytes. */
function encodingOf(bytes: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if (begins(bytes, 0xff, 0xfe)) return 'utf-16le';
  return begins(bytes, 0xfe, 0xff) ? 'utf-16be' : 'utf-8';
}

export function textOf(bytes: Uint8Array): { text: string } | { why: NoText } {
  if (bytes.length === 0) return { why: 'empty' };
  let text: string;
  try {
    text = new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes).replace(COLOURS, '');
  } catch {
    return { why: 'binary' };
  }
  if (BINARY.test(text)) return { why: 'binary' };
  return text.trim() === '' ? { why: 'empty' } : { text };
}

/** As the site counts: code points. */
export function lengthOf(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
