/** What somebody looks for in their conversations, and what was found. Asks a moment after the last key. */
import { search as ask } from '../services/shelf';
import type { Hit } from '../services/wire';

const PAUSE_MS = 180;

type State = 'idle' | 'searching' | 'found' | 'failed';

class Search {
  thoughts = $state(false);
  state = $state<State>('idle');
  hits = $state.raw<readonly Hit[]>([]);
  count = $state(0);
  more = $state(false);
  next = $state<string | null>(null);
  #query = '';
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;

  /** To be called when what is written, or the switch, changed. */
  look(query: string): void {
    this.#query = query;
    clearTimeout(this.#timer);
    this.#asked += 1;
    if (query.trim() === '') {
      Object.assign(this, { state: 'idle', hits: [], count: 0, more: false, next: null });
      return;
    }
    this.state = 'searching';
    this.#timer = setTimeout(() => void this.again(), PAUSE_MS);
  }

  async again(): Promise<void> {
    this.state = 'searching';
    await this.#read(null);
  }

  async older(): Promise<void> {
    if (this.next !== null) await this.#read(this.next);
  }

  async #read(before: string | null): Promise<void> {
    const asked = (this.#asked += 1);
    try {
      const found = await ask(this.#query.slice(0, 500), this.thoughts, before);
      if (asked !== this.#asked) return; // something else is looked for by now
      this.hits = before === null ? found.items : [...this.hits, ...found.items];
      Object.assign(this, { count: found.count, more: found.more, next: found.next, state: 'found' });
    } catch {
      if (asked === this.#asked) this.state = 'failed';
    }
  }
}

export const search = new Search();
