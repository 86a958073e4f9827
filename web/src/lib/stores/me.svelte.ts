/** Who is at this page. When that is somebody else, all that the page knows is begun anew. */
import { whoAmI, type Me } from '../services/me';
import { begin, forgetPerson, onOtherTabs, onShownAgain, tellOtherTabs, type Change } from '../services/person';

export type { Me, Method } from '../services/me';

class MeStore {
  who = $state.raw<Me | null>(null);
  /** Why the site did not say who this is. */
  failure = $state.raw<unknown>(null);
  #loading: Promise<void> | null = null;

  constructor() {
    // Another tab signed in or out, or the browser shows a page from before that.
    onOtherTabs((change) => this.#leave(change, change === 'left' ? '/' : location.pathname));
    onShownAgain(() => void this.load());
  }

  get member(): boolean {
    return this.who?.kind === 'member';
  }

  get operator(): boolean {
    return this.member && this.who?.role === 'operator';
  }

  /** Asks the site. A session that ended elsewhere is noticed here. */
  load(): Promise<void> {
    this.#loading ??= this.#load().finally(() => (this.#loading = null));
    return this.#loading;
  }

  /** The same person, of whom something changed. */
  changed(me: Me): void {
    this.who = me;
    tellOtherTabs('joined');
  }

  /** Somebody signed in or up. With their history what was here is theirs; without it, it is not. */
  joined(path = '/', tookHistory = true): void {
    this.#begin(tookHistory ? 'joined' : 'left', path);
  }

  /** Whoever was here has gone. */
  left(path = '/'): void {
    this.#begin('left', path);
  }

  /** The same for the other tabs and what is kept, while this page stays to say something. */
  gone(): void {
    this.who = null;
    void forgetPerson();
    tellOtherTabs('left');
  }

  #begin(change: Change, path: string): void {
    tellOtherTabs(change);
    this.#leave(change, path);
  }

  // The whole page, and not store by store: a store that is forgotten here would show one person's words to the next.
  #leave(change: Change, path: string): void {
    const wiped = change === 'left' ? forgetPerson() : null;
    if (wiped === null) begin(path);
    else void wiped.then(() => begin(path));
  }

  async #load(): Promise<void> {
    const before = this.who;
    try {
      const now = await whoAmI();
      this.failure = null;
      if (before !== null && (before.kind !== now.kind || before.name !== now.name)) this.left();
      else this.who = now;
    } catch (error) {
      this.failure = error;
    }
  }
}

export const me = new MeStore();
