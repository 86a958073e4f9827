/** What the site has of a conversation, with what this page has of it already. Pure. */
import type { Message } from '../services/wire';

/** A message that has ended never changes: the one that is shown stays, and need not be drawn again. */
export function merged(ours: readonly Message[], theirs: readonly Message[]): Message[] {
  const known = new Map(ours.map((message) => [message.id, message]));
  return theirs.map((message) => {
    const mine = known.get(message.id);
    return mine !== undefined && mine.status !== 'streaming' && mine.status === message.status ? mine : message;
  });
}
