/** Where a block that grows too long is cut while it is written. At the end it is read as one. */
import type { Token, Tokens } from 'marked';

// Longer blocks are cut where it hurts little; very long ones in any case.
const LONG = 8_000;
const VERY_LONG = 2 * LONG;

/** `at`: how much of the block is settled. `again`: what the rest begins with, to be read as the same kind of block. */
export type Cut = { at: number; again: string; joined: boolean };

export function cutOf(token: Token | undefined): Cut | null {
  if (token === undefined || token.type === 'code' || token.raw.length < LONG) return null;
  const raw = token.raw.trimEnd();
  const whole = (at: number): Cut | null => (at > 0 && at < raw.length ? { at, again: '', joined: false } : null);
  if (token.type === 'list') {
    const { items } = token as Tokens.List;
    const found = items.length > 1 ? whole(raw.length - (items.at(-1)?.raw.length ?? 0)) : null;
    if (found !== null && found.at > raw.length / 2) return found;
  }
  if (token.type === 'table') {
    const head = /^[^\n]*\n[^\n]*\n/.exec(raw)?.[0] ?? '';
    const at = raw.lastIndexOf('\n') + 1;
    return at > head.length && at < raw.length ? { at, again: head, joined: false } : null;
  }
  if (token.type === 'paragraph' || token.type === 'heading') return { at: inText(raw), again: '', joined: true };
  return raw.length < VERY_LONG ? null : (whole(raw.lastIndexOf('\n') + 1) ?? { at: inText(raw), again: '', joined: true });
}

/** After the last line or word that is complete; within a word that never ends, before its last sign. */
function inText(raw: string): number {
  const half = raw.length / 2;
  const at = Math.max(raw.lastIndexOf('\n'), raw.lastIndexOf(' ')) + 1;
  if (at > half && at < raw.length) return at;
  return /[\ud800-\udbff]/.test(raw.charAt(raw.length - 2)) ? raw.length - 2 : raw.length - 1;
}
