/** Where the focus goes, and keys that end something: shared by what opens and closes. */
import { tick } from 'svelte';

/** To the first that can take it, once the page has changed, unless the reader has moved on. */
export async function keepFocus(...selectors: string[]): Promise<void> {
  await tick();
  for (const selector of selectors) {
    if (document.activeElement !== document.body) return;
    document.querySelector<HTMLElement>(selector)?.focus({ preventScroll: true });
  }
}

/** Esc ends this, and nothing that is around it. */
export function onEscape(event: KeyboardEvent, end: () => void): void {
  if (event.key !== 'Escape') return;
  event.stopPropagation();
  event.preventDefault();
  end();
}
