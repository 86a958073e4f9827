/** What is left of one's quota, where that is little: asked after an answer, and when it begins anew. */
import * as api from '../services/api';
import type { Amount, Quota } from '../services/account';
import { percent } from '../words/amounts';
import { tags } from '../words/languages';
import { t, words, type Key } from './words.svelte';

// Less than this part of a quota, and one is told.
const LITTLE = 0.2;
// Many quotas begin anew at the same moment.
const SPREAD_MS = 30_000;
// Browsers take a longer wait for none at all.
const LONGEST_MS = 2 ** 31 - 1;

const share = (amount: Amount): number => (amount.limit > 0 ? amount.left / amount.limit : 1);
const lowest = (...amounts: (Amount | null)[]): number => Math.min(1, ...amounts.filter((amount) => amount !== null).map(share));

class QuotaStore {
  about = $state.raw<Quota | null>(null);
  /** The window in which a question was refused: what is left of it is too little for an answer. */
  #refusedIn = $state<string | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;

  async load(): Promise<void> {
    try {
      this.about = await api.quota();
    } catch {
      return; // what was known stays; the next answer asks again
    }
    clearTimeout(this.#timer);
    const wait = Date.parse(this.about.resets_at) - Date.now() + Math.random() * SPREAD_MS;
    if (this.note !== null && wait > 0 && wait < LONGEST_MS) this.#timer = setTimeout(() => void this.load(), wait);
  }

  /** A question was not taken: perhaps for want of quota. */
  refused(error: unknown): void {
    if (!(error instanceof api.ApiError) || error.code !== 'over_quota') return;
    void this.load().then(() => (this.#refusedIn = this.about?.begins_at ?? null));
  }

  /** A sentence for who has little left, or nothing; null for everybody else. */
  get note(): string | null {
    const about = this.about;
    if (about === null) return null;
    const quota = lowest(about.tokens, about.money);
    const cap = lowest(about.cap_tokens, about.cap_money);
    const say = (key: Key, left = 0): string =>
      t(key, { share: percent(left, tags[words.code]), when: words.moment(Date.parse(about.resets_at)) });
    const refused = about.begins_at === this.#refusedIn;
    if (cap <= 0 || (refused && cap <= quota)) return say('quota.capOver');
    if (refused) return say('quota.over');
    if (quota <= 0) return say(about.when_over === 'refuse' ? 'quota.over' : 'quota.behind');
    if (Math.min(cap, quota) >= LITTLE) return null;
    return cap < quota ? say('quota.capLeft', cap) : say('quota.left', quota);
  }
}

export const quota = new QuotaStore();
