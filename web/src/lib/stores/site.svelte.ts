/** What the site says of itself. */
import * as api from '../services/api';
import type { Site } from '../services/wire';

const RETRY_MS = [1000, 2000, 5000, 10_000];

class SiteStore {
  about = $state.raw<Site | null>(null);
  unreachable = $state(false);
  #tries = 0;

  /** Tries until the site answers. */
  async load(): Promise<void> {
    try {
      this.about = await api.site();
      this.unreachable = false;
      this.#tries = 0;
    } catch {
      this.unreachable = true;
      const wait = RETRY_MS[Math.min(this.#tries, RETRY_MS.length - 1)];
      this.#tries += 1;
      setTimeout(() => void this.load(), wait);
    }
  }

  get name(): string {
    return this.about?.name ?? 'Thinkwell';
  }
}

export const site = new SiteStore();
