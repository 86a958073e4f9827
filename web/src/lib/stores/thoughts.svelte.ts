/** Thoughts of stored answers, read from the site when they are opened. Keeps the last few. */
import { SvelteMap } from 'svelte/reactivity';
import * as api from '../services/api';
import { sentenceOf } from './problem';

export type Kept = { state: 'loading' } | { state: 'ready'; text: string } | { state: 'failed'; problem: string };

const MOST_KEPT = 8;

class Thoughts {
  readonly #kept = new SvelteMap<string, Kept>();

  of(messageId: string): Kept | undefined {
    return this.#kept.get(messageId);
  }

  /** Does nothing where it is here or on its way; a failure can be tried again. */
  async load(conversationId: string, messageId: string): Promise<void> {
    const state = this.#kept.get(messageId)?.state;
    if (state === 'ready' || state === 'loading') return;
    this.#kept.set(messageId, { state: 'loading' });
    try {
      const text = await api.thought(conversationId, messageId);
      this.#kept.set(messageId, { state: 'ready', text });
      for (const [id, kept] of this.#kept) {
        if (this.#kept.size <= MOST_KEPT) break;
        if (kept.state !== 'loading') this.#kept.delete(id);
      }
    } catch (error) {
      this.#kept.set(messageId, { state: 'failed', problem: sentenceOf(error) });
    }
  }
}

export const thoughts = new Thoughts();
