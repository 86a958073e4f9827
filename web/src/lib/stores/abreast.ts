/**
 * Keeps the page abreast of what is done in other tabs and on other devices. Tabs tell each other; of other
 * devices the site is asked when the page is looked at again, and now and then while it is: soon after
 * something changed, seldom when nothing does.
 */
import { hearTabs } from '../services/others';
import { chat } from './chat.svelte';
import { conversations } from './conversations.svelte';

const SOON_MS = 15_000;
const SELDOM_MS = 60_000;
// A tab that tells much is answered once.
const TOGETHER_MS = 150;

class Abreast {
  #wait = SOON_MS;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #told: ReturnType<typeof setTimeout> | undefined;
  #looking = false;

  /** Returns what ends it. */
  start(): () => void {
    const hearsNoMore = hearTabs((id) => this.#hear(id));
    const shown = (): void => this.#shown();
    document.addEventListener('visibilitychange', shown);
    addEventListener('focus', shown);
    addEventListener('online', shown);
    this.#later();
    return () => {
      hearsNoMore();
      document.removeEventListener('visibilitychange', shown);
      removeEventListener('focus', shown);
      removeEventListener('online', shown);
      clearTimeout(this.#timer);
      clearTimeout(this.#told);
    };
  }

  #hear(id: string): void {
    clearTimeout(this.#told);
    this.#told = setTimeout(() => {
      void conversations.refresh();
      if (id === chat.id) void this.#look();
    }, TOGETHER_MS);
  }

  #shown(): void {
    if (document.visibilityState !== 'visible') {
      clearTimeout(this.#timer);
      return;
    }
    this.#wait = SOON_MS;
    void this.#look(true);
  }

  /** `list`: what is new beside the conversation that is open. */
  async #look(list = false): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      if (list) await conversations.refresh();
      const changed = await chat.lookAgain();
      this.#wait = changed ? SOON_MS : Math.min(SELDOM_MS, this.#wait * 1.5);
      if (changed && !list) await conversations.refresh();
    } catch {
      this.#wait = SELDOM_MS; // away, or gone: what is shown says so where it matters
    } finally {
      this.#looking = false;
      this.#later();
    }
  }

  #later(): void {
    clearTimeout(this.#timer);
    if (document.visibilityState !== 'visible') return;
    this.#timer = setTimeout(() => void this.#look(), this.#wait);
  }
}

export const abreast = new Abreast();
