/** What reads an answer's Markdown: fetched when it is first wanted. */
import type { Component } from 'svelte';

type Props = { text: string; writing: boolean };

let shown = $state.raw<Component<Props> | null>(null);

/** Null until it has come. */
export const reader = (): Component<Props> | null => shown;

/** Fetches it. Where it does not arrive, it is tried again with the next text. */
export async function fetchReader(): Promise<void> {
  if (shown !== null) return;
  try {
    shown = (await import('./Markdown.svelte')).default;
  } catch {
    // The text stays readable as it was written.
  }
}
