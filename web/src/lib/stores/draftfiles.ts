/** The files of a question that is being written, kept per conversation for as long as the tab lives. */
import { drafts } from '../services/kept';
import type { FileBody } from '../services/wire';

// A tab's storage holds about five million characters in all.
const MOST_CHARACTERS = 500_000;
type Kept = { bodies: FileBody[]; lost: string[] };

const name = (conversation: string | null): string => `draft.files.${conversation ?? 'new'}`;

/** Of files that are together too large, the names alone. */
export function keepFiles(conversation: string | null, bodies: readonly FileBody[]): void {
  const whole = JSON.stringify({ bodies, lost: [] });
  const small = whole.length <= MOST_CHARACTERS ? whole : JSON.stringify({ bodies: [], lost: bodies.map((body) => body.name) });
  drafts.write(name(conversation), bodies.length === 0 ? '' : small);
}

export function readFiles(conversation: string | null): Kept {
  const kept = drafts.read(name(conversation));
  return kept === null ? { bodies: [], lost: [] } : (JSON.parse(kept) as Kept);
}

export const forgetFiles = (conversation: string | null): void => drafts.write(name(conversation), '');
