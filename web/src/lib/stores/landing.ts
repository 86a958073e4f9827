/** Goes to a message that the address names, and marks it for a moment, so that the eye finds it. */
import { tick } from 'svelte';
import { reveal } from './reveal';

const MARKED_MS = 2500;
// The page of a long conversation comes in slices.
const LONGEST_WAIT_MS = 3000;

/** `hash` without its `#`. Null for what names no message. */
export const messageOf = (hash: string): string | null => (/^msg_\w{1,60}$/.test(hash) ? hash : null);

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
