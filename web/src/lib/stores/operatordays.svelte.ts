/** What was used, cost and waited in some days: by day, model and tier. */
import * as door from '../services/operator';
import type { Days } from '../services/operator';
import { dayBefore } from '../words/moments';
import { sentenceOf } from './problem';

export const SPANS = [7, 30, 90] as const;
export type Span = (typeof SPANS)[number];

class DaysStore {
  from = $state('');
  to = $state('');
  loading = $state(false);
  problem = $state<string | null>(null);
  found = $state.raw<{ day: Days; model: Days; tier: Days } | null>(null);
  #asked = 0;

  /** The last so many days, today included. */
  async span(days: number): Promise<void> {
    const now = new Date();
    this.from = dayBefore(now, days - 1);
    this.to = dayBefore(now, 0);
    await this.load();
  }

  async load(): Promise<void> {
    const number = ++this.#asked;
    this.loading = true;
    try {
      const [day, model, tier] = await Promise.all((['day', 'model', 'tier'] as const).map((by) => door.days(by, this.from, this.to)));
      if (number !== this.#asked || !day || !model || !tier) return;
      this.found = { day, model, tier };
      this.problem = null;
    } catch (error) {
      if (number !== this.#asked) return;
      this.problem = sentenceOf(error);
    }
    this.loading = false;
  }
}

export const days = new DaysStore();
