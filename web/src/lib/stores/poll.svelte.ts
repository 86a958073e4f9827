/** Something that is asked again and again, as long as somebody looks: only while the page is visible. */
import { ApiError } from '../services/api';
import { sentenceOf } from './problem';

// An answer that takes longer is given up waiting for, and asked for anew.
const PATIENCE_MS = 15_000;
const LOOK_MS = 1000;

export class Poll<T> {
  value = $state.raw<T | null>(null);
  /** What is wrong, in the reader's language, and its code; null once it is right again. */
  problem = $state.raw<{ code: string; text: string } | null>(null);
  /** When the site last answered, and the moment now, by this device's clock; ms. */
  heardAt = $state<number | null>(null);
  now = $state(Date.now());
  readonly everyMs: number;
  readonly #ask: () => Promise<T>;
  #asked = 0;
  /** When to ask next, ms. */
  #due = 0;

  constructor(ask: () => Promise<T>, everyMs: number) {
    this.#ask = ask;
    this.everyMs = everyMs;
  }

  get ageMs(): number {
    return this.heardAt === null ? 0 : Math.max(0, this.now - this.heardAt);
  }

  /** What is shown is not of now: the site does not answer. */
  get stale(): boolean {
    return this.heardAt !== null && this.ageMs > 3 * this.everyMs + 2 * LOOK_MS;
  }

  /** Asks at once, and begins to look; returns what ends it. */
  watch(): () => void {
    const look = (): void => {
      if (document.visibilityState === 'hidden') return;
      const now = Date.now();
      this.now = now;
      if (now >= this.#due) void this.refresh();
    };
    this.#due = 0;
    look();
    const timer = setInterval(look, LOOK_MS);
    document.addEventListener('visibilitychange', look);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }

  async refresh(): Promise<void> {
    const number = ++this.#asked;
    this.#due = Date.now() + PATIENCE_MS;
    try {
      const value = await this.#ask();
      if (number !== this.#asked) return;
      this.value = value;
      this.problem = null;
      this.heardAt = Date.now();
    } catch (error) {
      if (number !== this.#asked) return;
      this.problem = { code: error instanceof ApiError ? error.code : 'error', text: sentenceOf(error) };
    }
    this.now = Date.now();
    this.#due = this.now + this.everyMs;
  }
}
