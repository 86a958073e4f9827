/** The ways in: what a link to /welcome brought, and signing in or up, however. */
import * as api from '../services/account';
import { lackOfPasskeys, offersByItself, signInWithPasskey, signUpWithPasskey } from '../services/passkeys';
import { faultOf, type Fault } from './accountfaults';
import { me } from './me.svelte';

export type Link = { kind: 'operator' | 'invite' | 'password'; token: string };

const KINDS = ['operator', 'invite', 'password'] as const;
// The site's question to a device is good for five minutes.
const RENEW_MS = 240_000;

/** `#invite=…` -> the link; `#failed=…` -> why the organisation's sign-in came to nothing. */
export function readHash(hash: string): { link: Link | null; failed: string | null } {
  const parts = new URLSearchParams(hash.replace(/^#/, ''));
  const kind = KINDS.find((name) => parts.get(name));
  const token = kind === undefined ? null : parts.get(kind);
  return { link: kind && token ? { kind, token } : null, failed: parts.get('failed') };
}

class Ways {
  link = $state.raw<Link | null>(null);
  /** The code of why the organisation's sign-in came to nothing. */
  failed = $state<string | null>(null);
  busy = $state(false);
  /** Whose new password was set by a link. */
  renewed = $state<string | null>(null);
  #quiet: AbortController | null = null;

  /** Takes what the address brings out of it, so that it is in no history and no bookmark. */
  readAddress(): void {
    const { link, failed } = readHash(location.hash);
    if (location.hash !== '') history.replaceState(history.state, '', location.pathname);
    if (link !== null) this.link = link;
    if (failed !== null) this.failed = failed;
  }

  /** Returns what ends the watch. */
  watchAddress(): () => void {
    const changed = (): void => this.readAddress();
    changed();
    addEventListener('hashchange', changed);
    return () => removeEventListener('hashchange', changed);
  }

  get lack(): ReturnType<typeof lackOfPasskeys> {
    return lackOfPasskeys();
  }

  organisation(takeHistory: boolean): string {
    return api.organisationPath(takeHistory, this.#invite);
  }

  signIn(name: string, password: string, takeHistory: boolean): Promise<Fault | null> {
    return this.#enter(takeHistory, () => api.signIn({ name, password, take_history: takeHistory }));
  }

  signUp(name: string, password: string, takeHistory: boolean): Promise<Fault | null> {
    return this.#enter(takeHistory, () => api.signUp({ name, password, take_history: takeHistory, ...this.#invited }));
  }

  signInWithPasskey(takeHistory: boolean): Promise<Fault | null> {
    return this.#enter(takeHistory, () => signInWithPasskey(() => takeHistory));
  }

  signUpWithPasskey(name: string, called: string, takeHistory: boolean): Promise<Fault | null> {
    return this.#enter(takeHistory, () => signUpWithPasskey({ name, called, take_history: takeHistory, ...this.#invited }));
  }

  /** Lets the browser offer passkeys where a name is typed. Returns what ends that. */
  offer(takeHistory: () => boolean, refused: (fault: Fault) => void): () => void {
    let over = false;
    void (async () => {
      if (!(await offersByItself())) return;
      while (!over) over = await this.#offerOnce(takeHistory, refused);
    })();
    return () => {
      over = true;
      this.#quiet?.abort();
    };
  }

  /** The signed-in person takes the link of an operator. */
  becomeOperator(): Promise<Fault | null> {
    return this.#attempt(async () => {
      me.changed(await api.becomeOperator(this.link?.token ?? ''));
      this.link = null;
    });
  }

  setPassword(password: string): Promise<Fault | null> {
    return this.#attempt(async () => {
      const { name } = await api.passwordByLink(this.link?.token ?? '', password);
      this.renewed = name;
      this.link = null;
    });
  }

  get #invite(): string | null {
    return this.link === null || this.link.kind === 'password' ? null : this.link.token;
  }

  get #invited(): { invite?: string } {
    return this.#invite === null ? {} : { invite: this.#invite };
  }

  /** True when there is nothing more to offer. */
  async #offerOnce(takeHistory: () => boolean, refused: (fault: Fault) => void): Promise<boolean> {
    const round = new AbortController();
    const timer = setTimeout(() => round.abort('renew'), RENEW_MS);
    this.#quiet = round;
    let chosen: boolean | null = null;
    try {
      await signInWithPasskey(() => (chosen = takeHistory()), round.signal);
      me.joined('/', chosen ?? true);
    } catch (error) {
      if (round.signal.aborted) return round.signal.reason !== 'renew';
      const fault = chosen === null ? null : faultOf(error);
      if (fault !== null) refused(fault);
    } finally {
      clearTimeout(timer);
    }
    return true;
  }

  /** Whoever comes in leaves this page, which stays busy until it is gone. */
  async #enter(takeHistory: boolean, action: () => Promise<unknown>): Promise<Fault | null> {
    const operator = this.link?.kind === 'operator';
    this.#quiet?.abort();
    return this.#attempt(async () => {
      await action();
      me.joined(operator ? '/operator' : '/', takeHistory);
    });
  }

  async #attempt(action: () => Promise<void>): Promise<Fault | null> {
    if (this.busy) return null;
    this.busy = true;
    try {
      await action();
      return null;
    } catch (error) {
      return faultOf(error);
    } finally {
      this.busy = false;
    }
  }
}

export const ways = new Ways();
