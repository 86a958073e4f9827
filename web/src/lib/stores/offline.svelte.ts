/** Keeping one's own conversations on this device (services/offline.ts): whether, which, and for whom. */
import * as api from '../services/api';
import { choices } from '../services/kept';
import * as kept from '../services/offline';
import { isInstalled } from '../services/shell';
import { newest } from '../services/shelf';
import type { Conversation, Page, Shelf, Summary } from '../services/wire';
import { conversations } from './conversations.svelte';
import { whenIdle } from './idle';
import { me } from './me.svelte';

const NEWEST = 30;
const CHOICE = 'offline';
const SHELF = '/api/shelf';
const LIST = '/api/conversations';
const FOLDER = `${LIST}?folder=`;
const ME = '/api/me';

class Offline {
  /** Off until it is wanted: whoever comes to this browser next must not find what was asked here. */
  on = $state(choices.read(CHOICE) === null ? isInstalled() : choices.read(CHOICE) === 'on');
  count = $state(0);
  bytes = $state(0);
  able = $state(true);
  /** The person whose things are kept, once the site has said who is here. */
  #person: string | null = null;
  #busy = false;
  #again = false;
  #newest: readonly Summary[] = [];

  /** Once a page. */
  start(): void {
    $effect.root(() => {
      $effect(() => void this.#be(this.on ? (me.who?.mark ?? null) : null));
    });
  }

  async choose(on: boolean): Promise<void> {
    choices.write(CHOICE, on ? 'on' : 'off');
    this.on = on;
    if (on) return;
    this.#person = null;
    api.onAnswer(null);
    await this.#attempt(() => kept.wipe());
    await this.measure();
  }

  async measure(): Promise<void> {
    const person = kept.keptFor();
    const all = person === null ? [] : ((await this.#attempt(() => kept.known(person))) ?? []);
    const own = all.filter(({ path }) => path.startsWith(kept.CONVERSATION));
    this.count = own.length;
    this.bytes = own.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  async #be(person: string | null): Promise<void> {
    if (person === null || person === this.#person) return;
    this.#person = person;
    kept.keepFor(person);
    api.onAnswer((path, body) => void this.#heard(person, path, body));
    await this.#attempt(() => kept.wipe(person));
    await this.#attempt(() => kept.keep(person, ME, me.who));
    // The list came before this did.
    await conversations.refresh();
  }

  async #heard(person: string, path: string, body: unknown): Promise<void> {
    if (path === ME) {
      if ((body as { mark: string | null }).mark === person) await this.#attempt(() => kept.keep(person, path, body));
    } else if (path === SHELF) {
      const shelf = body as Shelf;
      await this.#attempt(() => kept.keep(person, path, { ...withoutRunning(shelf), pinned: shelf.pinned.map(notRunning) }));
      // All of them, wherever they are on the shelf; it is heard below.
      await newest().catch(() => undefined);
    } else if (path === LIST) {
      const page = body as Page;
      await this.#attempt(() => this.#letGo(person, page));
      await this.#fetchNewest(page.items);
    } else if (path.startsWith(FOLDER)) {
      await this.#attempt(() => kept.keep(person, path, withoutRunning(body as Page)));
    } else if (path.startsWith(kept.CONVERSATION)) {
      await this.#attempt(() => this.#conversation(person, path, body));
      await this.measure();
    }
  }

  async #conversation(person: string, path: string, body: unknown): Promise<void> {
    const { messages, updated_at } = (body ?? {}) as Partial<Conversation>;
    if (body === null) await kept.forget(person, path); // it was deleted
    else if (messages?.every(({ status }) => status !== 'streaming')) await kept.keep(person, path, body, updated_at);
  }

  /** What was deleted elsewhere: as new as what is in the list, and not in it. */
  async #letGo(person: string, page: Page): Promise<void> {
    const listed = new Set(page.items.map(({ id }) => pathOf(id)));
    const oldest = page.next === null ? '' : (page.items.at(-1)?.updated_at ?? '');
    for (const { path, updated } of await kept.known(person)) {
      if (path.startsWith(kept.CONVERSATION) && !listed.has(path) && updated > oldest) await kept.forget(person, path);
    }
  }

  /** One after the other, when the page has nothing better to do. */
  async #fetchNewest(items: readonly Summary[]): Promise<void> {
    this.#again = this.#busy;
    this.#newest = items;
    const person = this.#person;
    if (this.#busy || person === null) return;
    this.#busy = true;
    const held = new Map((await this.#attempt(() => kept.known(person)))?.map(({ path, updated }) => [path, updated]));
    for (const { id, updated_at, running_turn_id } of items.slice(0, NEWEST)) {
      if (running_turn_id !== null || held.get(pathOf(id)) === updated_at) continue;
      await idle();
      if (this.#person !== person || !this.able || !(await readOnce(id))) break;
    }
    this.#busy = false;
    if (this.#again) await this.#fetchNewest(this.#newest);
  }

  async #attempt<T>(act: () => Promise<T>): Promise<T | undefined> {
    try {
      return await act();
    } catch {
      this.able = false; // blocked or full: what is here can still be read online
      return undefined;
    }
  }
}

const pathOf = (id: string): string => kept.CONVERSATION + encodeURIComponent(id);

const notRunning = (item: Summary): Summary => ({ ...item, running_turn_id: null });

const withoutRunning = <T extends Page>(page: T): T => ({ ...page, items: page.items.map(notRunning) });

const idle = (): Promise<void> => new Promise((resolve) => void whenIdle(resolve, undefined, 200));

/** False where it is no use to go on. What was read is heard above. */
async function readOnce(id: string): Promise<boolean> {
  try {
    await api.conversation(id);
    return true;
  } catch (error) {
    return error instanceof api.ApiError && error.status === 404;
  }
}

export const offline = new Offline();
