/** Looking for words in the steps of a thought. Pure. */
export type Match = { step: number; at: number; length: number };

/** More than anybody steps through; they are not looked for. */
export const MOST_MATCHES = 5000;

/** Whatever its case; any white space matches any. In reading order. */
export function matchesIn(steps: readonly string[], wanted: string): Match[] {
  const words = wanted.trim().split(/\s+/).filter((word) => word !== '');
  if (words.length === 0) return [];
  const pattern = new RegExp(words.map(literally).join('\\s+'), 'giu');
  const found: Match[] = [];
  for (const [step, text] of steps.entries()) {
    for (const match of text.matchAll(pattern)) {
      found.push({ step, at: match.index, length: match[0].length });
      if (found.length === MOST_MATCHES) return found;
    }
  }
  return found;
}

/** The first match at or behind a step; the first of all where there is none. */
export function firstFrom(matches: readonly Match[], step: number): number {
  const found = matches.findIndex((match) => match.step >= step);
  return found < 0 ? 0 : found;
}

const literally = (word: string): string => word.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
