/** Goes to what the address names: a message, marked for a moment so that the eye finds it, or a step of a thought. */
import { tick } from 'svelte';
import { stepLinkOf } from '../turn/steplink';
import { reveal } from './reveal';

const MARKED_MS = 2500;
// The page of a long conversation comes in slices.
const LONGEST_WAIT_MS = 3000;

/** `hash` without its `#`. Null for what names no message. */
export const messageOf = (hash: string): string | null => (/^msg_\w{1,60}$/.test(hash) ? hash : null);

/** A step may be of another branch than the one that was shown last; its thought goes to it by itself. */
export function arrive(hash: string): void {
  const link = stepLinkOf(hash);
  const message = messageOf(hash);
  if (link !== null) reveal(link.message);
  if (message !== null) void land(message);
}

export async function land(messageId: string): Promise<void> {
  reveal(messageId);
  await tick();
  const begun = performance.now();
  const find = (): void => {
    const found = document.querySelector<HTMLElement>(`[data-message="${CSS.escape(messageId)}"]`);
    if (found !== null) mark(found);
    else if (performance.now() - begun < LONGEST_WAIT_MS) requestAnimationFrame(find);
  };
  requestAnimationFrame(find);
}

function mark(message: HTMLElement): void {
  message.tabIndex = -1;
  message.focus({ preventScroll: true });
  message.scrollIntoView({ block: 'start' });
  message.dataset['landed'] = '';
  setTimeout(() => delete message.dataset['landed'], MARKED_MS);
}
