/**
 * The question that is being written, kept per conversation for as long as the tab lives. Written down a moment
 * after the last key, since storage is slow on some devices, and at once when the page or the question goes.
 * Those that wait for an answer are kept beside it.
 */
import { drafts } from '../services/kept';

const QUIET_MS = 300;
const name = (conversationId: string | null): string => `draft.${conversationId ?? 'new'}`;
let waiting: { name: string; text: string } | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;

export function writeDrafts(): void {
  clearTimeout(timer);
  if (waiting !== null) drafts.write(waiting.name, waiting.text);
  waiting = null;
}

export function readDraft(conversationId: string | null): string {
  writeDrafts();
  return drafts.read(name(conversationId)) ?? '';
}

/** `soon`: more is about to be typed. */
export function keepDraft(conversationId: string | null, text: string, soon = false): void {
  if (waiting !== null && waiting.name !== name(conversationId)) writeDrafts();
  waiting = { name: name(conversationId), text };
  clearTimeout(timer);
  if (soon) timer = setTimeout(writeDrafts, QUIET_MS);
  else writeDrafts();
}

/** Whether files are kept with it; they come with draftfiles.ts. */
export const hasFileDraft = (conversationId: string | null): boolean =>
  drafts.read(`draft.files.${conversationId ?? 'new'}`) !== null;

const queueName = (conversationId: string): string => `queue.${conversationId}`;

export const readQueue = (conversationId: string): string | null => drafts.read(queueName(conversationId));
export const keepQueue = (conversationId: string, text: string): void => drafts.write(queueName(conversationId), text);
export const hasQueue = (conversationId: string | null): boolean => conversationId !== null && readQueue(conversationId) !== null;
