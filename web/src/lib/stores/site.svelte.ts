/** What the site says of itself. */
import * as api from '../services/api';
import type { Site } from '../services/wire';

// The site writes its name and its icon into the page that it sends: both are there at the first paint.
const OUR_ICON = '/favicon.svg';
const namedByPage = document.title;
const iconOfPage = document.querySelector('link[rel="icon"]')?.getAttribute('href') ?? OUR_ICON;

const RETRY_MS = [1000, 2000, 5000, 10_000];

class SiteStore {
  about = $state.raw<Site | null>(null);
  unreachable = $state(false);
  #tries = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #met: (() => void) | undefined;
  /**
   * Settles with the site's first answer or failure. That answer makes this browser known to the site; a
   * question sent beside it would be asked by a stranger, and lost with the stranger's name.
   */
  readonly met = new Promise<void>((resolve) => {
    this.#met = resolve;
  });

  constructor() {
    // The device notices sooner than the next request that the network went, or is back.
    addEventListener('offline', () => void this.load());
    addEventListener('online', () => void this.load());
  }

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
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => void this.load(), wait);
    }
    this.#met?.();
  }

  get name(): string {
    return this.about?.name ?? (namedByPage || 'Thinkwell');
  }

  /** Where the operator's own mark is; null where there is none. */
  readonly logo = iconOfPage === OUR_ICON ? null : iconOfPage;
}

export const site = new SiteStore();
