/** What was said before a message, for a site that stores nothing of it. Pure. */
import type { Message, Said } from '../services/wire';

/** From the first question down to message `id`. An answer of which nothing was said is left out with its question. */
export function saidUpTo(messages: readonly Message[], id: string | null): Said[] {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const said: Said[] = [];
  for (let at = byId.get(id ?? ''); at !== undefined; at = byId.get(at.parent_id ?? '')) {
    const answer = at.role === 'assistant';
    if (answer && at.content === '') at = byId.get(at.parent_id ?? '');
    else said.unshift({ role: at.role, text: at.content });
    if (at === undefined) break;
  }
  return said;
}
