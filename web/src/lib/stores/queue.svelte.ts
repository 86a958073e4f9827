/**
 * Questions that are asked one after the other, each when the answer before it is complete. Kept for each
 * conversation for the tab's life; of a temporary one in memory alone. Each has the key under which it is
 * asked, so that two tabs with the same list, or a lost reply, ask it once.
 */
import type { FileBody } from '../services/wire';
import { newKey } from './asking';
import { chat } from './chat.svelte';
import { keepQueue, readQueue } from './draft';
import { onEnded, type Ended } from './ended';

export type Waiting = { key: string; text: string; files: FileBody[] };
/** Why nothing is asked by itself. */
export type Held = 'stopped' | 'failed' | 'refused' | 'away';

export const MOST = 5;

class Queue {
  items = $state.raw<readonly Waiting[]>([]);
  held = $state<Held | null>(null);
  #of: string | null = null;
  #visit = -1;

  constructor() {
    onEnded((ended) => void this.#ended(ended));
  }

  get full(): boolean {
    return this.items.length >= MOST;
  }

  /** Shows what waits in the conversation that is open. One that has just got its id keeps what waits. */
  follow(visit: number, id: string | null): void {
    if (visit === this.#visit) {
      if (id === this.#of) return;
      this.#of = id;
      this.#keep();
      return;
    }
    this.#visit = visit;
    this.#of = id;
    this.items = id === null ? [] : read(id);
    this.held = null;
    this.settle();
  }

  /** The conversation has come: what waited for an answer that ended while nobody was here is not asked by itself. */
  settle(): void {
    if (this.items.length > 0 && this.held === null && chat.state === 'ready' && !chat.running && !chat.sending) this.held = 'away';
  }

  /** False where it is full. */
  add(text: string, files: FileBody[] = []): boolean {
    if (this.full) return false;
    this.#set([...this.items, { key: newKey(), text, files }]);
    return true;
  }

  edit(key: string, text: string): void {
    // Another text is another wish: the old key is the old one's.
    this.#set(this.items.map((item) => (item.key === key && item.text !== text ? { ...item, key: newKey(), text } : item)));
  }

  remove(key: string): void {
    this.#set(this.items.filter((item) => item.key !== key));
  }

  /** Goes on with what was held. */
  async sendNow(): Promise<void> {
    if (chat.running || chat.sending) return;
    this.held = null;
    await this.#next();
  }

  async #ended({ answerId, conversationId, view }: Ended): Promise<void> {
    const [first] = this.items;
    if (first === undefined || this.held !== null) return;
    if (conversationId !== this.#of || chat.path.at(-1)?.id !== answerId) return;
    if (view.ending?.kind === 'finished') await this.#next();
    else this.held = view.ending?.kind === 'stopped' ? 'stopped' : 'failed';
  }

  async #next(): Promise<void> {
    const [first] = this.items;
    if (first === undefined) return;
    const of = this.#of;
    this.#set(this.items.slice(1));
    if (await chat.ask(first.text, chat.end, first.files, first.key)) return;
    if (of !== this.#of) return; // it was left meanwhile
    this.#set([first, ...this.items]);
    this.held = 'refused';
  }

  #set(items: readonly Waiting[]): void {
    this.items = items;
    if (items.length === 0) this.held = null;
    this.#keep();
  }

  #keep(): void {
    if (this.#of === null || chat.temporary) return;
    keepQueue(this.#of, this.items.length === 0 ? '' : JSON.stringify(this.items));
  }
}

function read(id: string): Waiting[] {
  try {
    const kept: unknown = JSON.parse(readQueue(id) ?? '[]');
    if (!Array.isArray(kept)) return [];
    return kept.filter((item): item is Waiting => typeof item?.key === 'string' && typeof item.text === 'string' && Array.isArray(item.files)).slice(0, MOST);
  } catch {
    return []; // not of this release
  }
}

export const queue = new Queue();
