/** Keeps the focus where work goes on when what had it is gone from the page. */
import { tick } from 'svelte';

/** To the first that can take it, once the page has changed, unless the reader has moved on. */
export async function keepFocus(...selectors: string[]): Promise<void> {
  await tick();
  for (const selector of selectors) {
    if (document.activeElement !== document.body) return;
    document.querySelector<HTMLElement>(selector)?.focus({ preventScroll: true });
  }
}
