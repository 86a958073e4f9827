/**
 * A thought in steps, as a reader goes through it: paragraphs, and what begins with a heading or "Step 2". Pure.
 * The steps joined are the thought, to the character.
 */

// A paragraph over this is cut at sentences; a fence of code over this is no longer kept whole.
const LONGEST = 2000;
const LONGEST_FENCE = 20_000;
// Nobody goes through more; a thought of tens of thousands of short lines is told in larger steps.
const MOST_STEPS = 2000;

type Part = { text: string; kind: 'text' | 'blank' | 'fence' };

const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const CLOSING = /^ {0,3}(`{3,}|~{3,})\s*$/;
const HEADING = /^ {0,3}(?:#{1,6}\s|\*{0,2}step\s+\d+\b|\*\*[^*\n]{1,80}\*\*:?\s*$)/i;
const SENTENCE_END = /[.!?…]["'”’»)\]]*\s+|[。！？]["'”’）」]*|\n/g;

export function stepsOf(thought: string): string[] {
  const steps: string[] = [];
  let parts: Part[] = [];
  let begun = false;
  let blank = false;
  for (const part of partsOf(thought)) {
    const begins = begun && part.kind !== 'blank' && (blank || (part.kind === 'text' && HEADING.test(part.text)));
    if (begins) {
      steps.push(...piecesOf(parts));
      parts = [];
    }
    parts.push(part);
    blank = part.kind === 'blank';
    begun ||= !blank;
  }
  steps.push(...piecesOf(parts));
  return steps.length <= MOST_STEPS ? steps : together(steps, Math.ceil(steps.length / MOST_STEPS));
}

function together(steps: string[], each: number): string[] {
  return Array.from({ length: Math.ceil(steps.length / each) }, (_, at) => steps.slice(at * each, (at + 1) * each).join(''));
}

/** Lines, blank ones apart; a fence of code with all its lines is one part. */
function partsOf(thought: string): Part[] {
  const lines = linesOf(thought);
  const closings = closingsOf(lines);
  const parts: Part[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    const mark = FENCE.exec(line)?.[1]?.[0];
    const end = mark === undefined ? undefined : closings.after(mark, at);
    const fence = end === undefined ? '' : lines.slice(at, end + 1).join('');
    if (end !== undefined && fence.length <= LONGEST_FENCE) {
      parts.push({ text: fence, kind: 'fence' });
      at = end;
    } else {
      parts.push({ text: line, kind: line.trim() === '' ? 'blank' : 'text' });
    }
  }
  return parts;
}

function linesOf(text: string): string[] {
  const lines: string[] = [];
  for (let from = 0; from < text.length; ) {
    const end = text.indexOf('\n', from);
    const next = end < 0 ? text.length : end + 1;
    lines.push(text.slice(from, next));
    from = next;
  }
  return lines;
}

/** Where fences can close, found once: a thought may open thousands that never do. */
function closingsOf(lines: string[]): { after(mark: string, line: number): number | undefined } {
  const next: Record<string, Int32Array> = { '`': new Int32Array(lines.length + 1).fill(-1), '~': new Int32Array(lines.length + 1).fill(-1) };
  for (let at = lines.length - 1; at >= 0; at -= 1) {
    const closes = CLOSING.exec(lines[at] ?? '')?.[1]?.[0];
    for (const [mark, found] of Object.entries(next)) found[at] = closes === mark ? at : (found[at + 1] ?? -1);
  }
  // A fence that would be too long is not looked at: its lines are at least a character each.
  return {
    after: (mark, line) => {
      const end = next[mark]?.[line + 1] ?? -1;
      return end < 0 || end - line > LONGEST_FENCE ? undefined : end;
    },
  };
}

/** One step, or several of one that is too long. What is only white space belongs to what stands before it. */
function piecesOf(parts: Part[]): string[] {
  const whole = parts.map((part) => part.text).join('');
  if (whole === '') return [];
  if (whole.length <= LONGEST) return [whole];
  const pieces: string[] = [];
  let text = '';
  const flush = (): void => {
    for (const piece of cut(text)) {
      if (piece.trim() === '' && pieces.length > 0) pieces[pieces.length - 1] += piece;
      else pieces.push(piece);
    }
    text = '';
  };
  for (const part of parts) {
    if (part.kind === 'fence') {
      flush();
      pieces.push(part.text);
    } else {
      text += part.text;
    }
  }
  flush();
  return pieces;
}

/** At the ends of sentences, else between words, else anywhere but inside a character. */
function* cut(text: string): Generator<string> {
  let from = 0;
  while (text.length - from > LONGEST) {
    const window = text.slice(from, from + LONGEST);
    const length = lastIn(window, SENTENCE_END) ?? lastIn(window, /\s+/g) ?? unbroken(window);
    yield window.slice(0, length);
    from += length;
  }
  if (from < text.length) yield text.slice(from);
}

/** Where the last of them ends, in the second half. */
function lastIn(window: string, wanted: RegExp): number | undefined {
  let found: number | undefined;
  const half = window.length / 2;
  for (const match of window.matchAll(wanted)) {
    const end = match.index + match[0].length;
    if (end > half) found = end;
  }
  return found;
}

const unbroken = (window: string): number => window.length - (/[\ud800-\udbff]$/.test(window) ? 1 : 0);
