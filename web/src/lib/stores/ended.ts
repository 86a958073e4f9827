/** That an answer ended, while the page was open: for whoever does something then (the queue, notifications). */
import type { TurnView } from '../turn/view';

export type Ended = {
  answerId: string;
  /** Null of a temporary conversation. */
  conversationId: string | null;
  title: string;
  /** Seconds in line, and seconds from the question to the end; as far as they are known. */
  waitedS: number;
  tookS: number;
  view: TurnView;
};

const hearers = new Set<(ended: Ended) => void>();

/** Returns what ends the hearing. */
export function onEnded(hear: (ended: Ended) => void): () => void {
  hearers.add(hear);
  return () => hearers.delete(hear);
}

export function tellEnded(ended: Ended): void {
  for (const hear of hearers) hear(ended);
}
