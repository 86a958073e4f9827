/**
 * The list of one's own conversations: what is pinned, folders, and the rest, newest first, a page at a time. What
 * was just deleted is known here for as long as it can be brought back.
 */
import { ApiError } from '../services/api';
import * as api from '../services/shelf';
import type { Folder, Page, Summary } from '../services/wire';

const RUNNING_POLL_MS = 8000;
// It goes from the page a moment before it goes from the site: who presses the button in time is in time.
const SPARE_MS = 2000;

export type Inside = { readonly items: readonly Summary[]; readonly next: string | null; readonly failed: boolean };
export type Deleted = { readonly id: string; readonly title: string };

const NOT_YET: Inside = { items: [], next: null, failed: false };

/** What was read further back stays behind a first page that is read again. */
function joined(page: Page, known: readonly Summary[], next: string | null): { items: readonly Summary[]; next: string | null } {
  const fresh = new Set(page.items.map((item) => item.id));
  const end = Date.parse(page.items.at(-1)?.updated_at ?? '');
  const further = page.next === null ? [] : known.filter((item) => !fresh.has(item.id) && Date.parse(item.updated_at) <= end);
  return { items: [...page.items, ...further], next: further.length === 0 ? page.next : next };
}

function appended(page: Page, known: readonly Summary[]): readonly Summary[] {
  const ids = new Set(known.map((item) => item.id));
  return [...known, ...page.items.filter((item) => !ids.has(item.id))];
}

class Conversations {
  /** In no folder and not pinned. */
  items = $state.raw<readonly Summary[]>([]);
  pinned = $state.raw<readonly Summary[]>([]);
  folders = $state.raw<readonly Folder[]>([]);
  next = $state<string | null>(null);
  loading = $state(false);
  failed = $state(false);
  loaded = $state(false);
  /** What folders that are open hold. */
  inside = $state.raw<ReadonlyMap<string, Inside>>(new Map());
  /** The last one first. */
  deleted = $state.raw<readonly Deleted[]>([]);
  #asked = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  get some(): boolean {
    return this.items.length + this.pinned.length + this.folders.length > 0;
  }

  /** Reads what the list begins with again; pages further back stay as they are. */
  async refresh(): Promise<void> {
    await this.#during(async () => {
      const asked = (this.#asked += 1);
      const found = await api.shelf();
      if (asked !== this.#asked) return; // what was asked later is newer
      Object.assign(this, joined(found, this.items, this.next), { pinned: found.pinned, folders: found.folders });
      const there = new Set(found.folders.map((folder) => folder.id));
      for (const id of this.inside.keys()) {
        if (there.has(id)) void this.#look(id);
        else this.close(id);
      }
    });
    this.#watchRunning();
  }

  async older(): Promise<void> {
    if (this.next === null || this.loading) return;
    const before = this.next;
    await this.#during(async () => {
      const page = await api.older(null, before);
      this.items = appended(page, this.items);
      this.next = page.next;
    });
  }

  titleOf(id: string | null): string | undefined {
    return this.#known().find((item) => item.id === id)?.title;
  }

  /** Everything was erased. */
  forget(): void {
    Object.assign(this, { inside: new Map(), items: [], pinned: [], folders: [], next: null, deleted: [] });
  }

  // -- folders ------------------------------------------------------------------------------------

  async open(folderId: string): Promise<void> {
    this.#hold(folderId, NOT_YET);
    await this.#look(folderId);
  }

  close(folderId: string): void {
    this.inside = new Map([...this.inside].filter(([id]) => id !== folderId));
  }

  async olderIn(folderId: string): Promise<void> {
    const held = this.inside.get(folderId);
    if (held === undefined || held.next === null) return;
    try {
      const page = await api.older(folderId, held.next);
      this.#hold(folderId, { items: appended(page, held.items), next: page.next, failed: false });
    } catch {
      this.#hold(folderId, { ...held, failed: true });
    }
  }

  #hold(folderId: string, held: Inside): void {
    this.inside = new Map(this.inside).set(folderId, held);
  }

  async #look(folderId: string): Promise<void> {
    const held = (): Inside | undefined => this.inside.get(folderId);
    try {
      const page = await api.older(folderId, null);
      const known = held();
      if (known !== undefined) this.#hold(folderId, { ...joined(page, known.items, known.next), failed: false });
    } catch {
      const known = held();
      if (known !== undefined) this.#hold(folderId, { ...known, failed: true });
    }
  }

  async makeFolder(name: string): Promise<Folder> {
    const made = await api.makeFolder(name);
    await this.refresh();
    return made;
  }

  async renameFolder(id: string, name: string): Promise<void> {
    const changed = await api.renameFolder(id, name);
    this.folders = this.folders.map((folder) => (folder.id === id ? changed : folder));
  }

  async removeFolder(id: string): Promise<void> {
    await this.#gone(api.removeFolder(id));
    await this.refresh();
  }

  // -- one conversation ---------------------------------------------------------------------------

  async rename(id: string, title: string): Promise<void> {
    const changed = await api.change(id, { title });
    this.#each((items) => items.map((item) => (item.id === id ? { ...item, title: changed.title } : item)));
  }

  async pin(id: string, pinned: boolean): Promise<void> {
    await api.change(id, { pinned });
    await this.refresh();
  }

  async move(id: string, folderId: string | null): Promise<void> {
    await api.change(id, { folder_id: folderId });
    await this.refresh();
  }

  /** It can be brought back for the returned seconds. */
  async remove(id: string, title: string): Promise<number> {
    const told = await this.#gone(api.remove(id));
    this.#each((items) => items.filter((item) => item.id !== id));
    if (told === undefined) return 0;
    this.deleted = [{ id, title }, ...this.deleted];
    setTimeout(() => this.letGo(id), told.restore_s * 1000 - SPARE_MS);
    void this.refresh();
    return told.restore_s;
  }

  /** False when the time for it is over. */
  async restore(id: string): Promise<boolean> {
    try {
      const back = await this.#gone(api.restore(id));
      await this.refresh();
      return back !== undefined;
    } finally {
      this.letGo(id);
    }
  }

  /** Nothing is offered any more to bring it back. */
  letGo(id: string): void {
    this.deleted = this.deleted.filter((one) => one.id !== id);
  }

  #known(): Summary[] {
    return [...this.items, ...this.pinned, ...[...this.inside.values()].flatMap((held) => held.items)];
  }

  #each(change: (items: readonly Summary[]) => readonly Summary[]): void {
    this.items = change(this.items);
    this.pinned = change(this.pinned);
    this.inside = new Map([...this.inside].map(([id, held]) => [id, { ...held, items: change(held.items) }]));
  }

  /** Gone before is what was wanted. */
  async #gone<T>(request: Promise<T>): Promise<T | undefined> {
    try {
      return await request;
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
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
    if (!this.#known().some((item) => item.running_turn_id !== null)) return;
    this.#timer = setTimeout(() => void this.refresh(), RUNNING_POLL_MS);
  }
}

export const conversations = new Conversations();
