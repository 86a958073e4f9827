/** Going to a message that an address names, whatever branch it is on. */
import { leafUnder } from '../tree/tree';
import { chat } from './chat.svelte';

/** Shows its branch for now; the site remembers the one that was chosen. */
export function reveal(messageId: string): void {
  const known = chat.messages.some((message) => message.id === messageId);
  if (known && !chat.path.some((message) => message.id === messageId)) chat.head = leafUnder(chat.messages, messageId);
}
