/** One's own receipts: a list that grows, added up in one of four ways, and one that is named by the address. */
import * as door from '../services/receipts';
import type { By, Chosen, Line, Receipt, Summary } from '../services/receipts';
import { ApiError } from '../services/api';
import { sentenceOf } from './problem';
import { site } from './site.svelte';

export type { By, Group, Line, Receipt, Sums } from '../services/receipts';
export const BYS = ['day', 'model', 'conversation', 'key'] as const satisfies readonly By[];
const ALL: Chosen = { from: '', to: '', model: '', conversation: '', key: '' };

class Receipts {
  by = $state<By>('day');
  chosen = $state.raw<Chosen>(ALL);
  /** What the list was narrowed to by a group, in words. */
  narrowed = $state<string | null>(null);
  lines = $state.raw<Line[] | null>(null);
  summary = $state.raw<Summary | null>(null);
  next = $state<string | null>(null);
  loading = $state(false);
  problem = $state<string | null>(null);
  #asked = 0;

  async load(): Promise<void> {
    const number = ++this.#asked;
    this.loading = true;
    await site.met;
    try {
      const [page, summary] = await Promise.all([door.page(this.chosen, null), door.summary(this.chosen, this.by)]);
      if (number !== this.#asked) return;
      this.lines = page.items;
      this.next = page.next;
      this.summary = summary;
      this.problem = null;
    } catch (error) {
      if (number !== this.#asked) return;
      this.problem = sentenceOf(error);
    }
    this.loading = false;
  }

  async more(): Promise<void> {
    if (this.next === null || this.loading) return;
    const number = ++this.#asked;
    this.loading = true;
    try {
      const page = await door.page(this.chosen, this.next);
      if (number !== this.#asked) return;
      this.lines = [...(this.lines ?? []), ...page.items];
      this.next = page.next;
    } catch (error) {
      if (number !== this.#asked) return;
      this.problem = sentenceOf(error);
    }
    this.loading = false;
  }

  /** Days, both included; empty: without an end. */
  async between(from: string, to: string): Promise<void> {
    this.chosen = { ...this.chosen, from, to };
    await this.load();
  }

  async addUp(by: By): Promise<void> {
    this.by = by;
    await this.load();
  }

  /** To one group of the sums; `said` names it. */
  async narrow(name: string, said: string): Promise<void> {
    const fields = this.by === 'day' ? { from: name, to: name } : { [this.by]: name };
    this.chosen = { ...this.chosen, ...fields };
    this.narrowed = said;
    await this.load();
  }

  async widen(): Promise<void> {
    this.chosen = ALL;
    this.narrowed = null;
    await this.load();
  }

  readonly file = (kind: 'csv' | 'json'): string => door.filePath(kind, this.chosen);
  readonly path = door.receiptPath;

  /** The one of an address; null where there is none such of one's own, or it is not over. */
  async one(turnId: string): Promise<Receipt | null> {
    await site.met;
    const known = this.lines?.find((line) => line.turn_id === turnId);
    if (known) return known.receipt;
    try {
      return await door.one(turnId);
    } catch (error) {
      if (error instanceof ApiError && error.status !== 0) return null;
      throw error;
    }
  }
}

export const receipts = new Receipts();
