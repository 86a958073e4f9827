/** The list of one's own conversations, newest first, a page at a time. */
import * as api from '../services/api';
import type { Summary } from '../services/wire';

const RUNNING_POLL_MS = 8000;

class Conversations {
  items = $state.raw<readonly Summary[]>([]);
  next = $state<string | null>(null);
  loading = $state(false);
  failed = $state(false);
  loaded = $state(false);
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Reads the newest page again; pages further back stay as they are. */
  async refresh(): Promise<void> {
    await this.#during(async () => {
      const page = await api.conversations(null);
      const fresh = new Set(page.items.map((item) => item.id));
      const end = Date.parse(page.items.at(-1)?.updated_at ?? '');
      const further = page.next === null ? [] : this.items.filter((item) => !fresh.has(item.id) && Date.parse(item.updated_at) <= end);
      this.items = [...page.items, ...further];
      if (further.length === 0) this.next = page.next;
    });
    this.#watchRunning();
  }

  async older(): Promise<void> {
    if (this.next === null || this.loading) return;
    const before = this.next;
    await this.#during(async () => {
      const page = await api.conversations(before);
      const known = new Set(this.items.map((item) => item.id));
      this.items = [...this.items, ...page.items.filter((item) => !known.has(item.id))];
      this.next = page.next;
    });
  }

  titleOf(id: string | null): string | undefined {
    return this.items.find((item) => item.id === id)?.title;
  }

  async rename(id: string, title: string): Promise<void> {
    const changed = await api.change(id, { title });
    this.items = this.items.map((item) => (item.id === id ? { ...changed, running_turn_id: item.running_turn_id } : item));
  }

  async remove(id: string): Promise<void> {
    try {
      await api.remove(id);
    } catch (error) {
      if (!(error instanceof api.ApiError) || error.status !== 404) throw error; // gone is what was wanted
    }
    this.items = this.items.filter((item) => item.id !== id);
  }

  async #during(action: () => Promise<void>): Promise<void> {
    this.loading = true;
    try {
      await action();
      this.failed = false;
      this.loaded = true;
    } catch {
      this.failed = true;
    } finally {
      this.loading = false;
    }
  }

  // Answers in other conversations end without this page reading them.
  #watchRunning(): void {
    clearTimeout(this.#timer);
    if (!this.items.some((item) => item.running_turn_id !== null)) return;
    this.#timer = setTimeout(() => void this.refresh(), RUNNING_POLL_MS);
  }
}

export const conversations = new Conversations();
