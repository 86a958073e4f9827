/** The operators' page: whether one is there, the site as it is now, and its engines. */
import { joined } from '../plot/samples';
import * as door from '../services/operator';
import type { Engine, Now } from '../services/operator';
import { me } from './me.svelte';
import { Poll } from './poll.svelte';
import { sentenceOf } from './problem';
import { site } from './site.svelte';

export type { Counts, Days, Engine, Now, Percentiles, SumsRow } from '../services/operator';

const NOW_MS = 3000;
const TIER = /^tiers\.([^.]+)\./;

/** Whether the page may be seen. The site decides; this is about what is shown in its place. */
class Gate {
  get state(): 'asking' | 'open' | 'closed' | 'failed' {
    if (me.who === null) return me.failure === null ? 'asking' : 'failed';
    return me.operator ? 'open' : 'closed';
  }

  /** Null: a visitor. */
  get name(): string | null {
    return me.member ? (me.who?.name ?? '') : null;
  }

  async load(): Promise<void> {
    await site.met;
    await me.load();
  }
}

class Live extends Poll<Now> {
  constructor() {
    super(async () => {
      const kept = this.value;
      const fresh = await door.now(kept?.samples.at.at(-1) ?? 0);
      return kept === null ? fresh : { ...fresh, samples: joined(kept.samples, fresh.samples) };
    }, NOW_MS);
  }

  /** Returns what went wrong, in words; null: it is done. */
  async drain(engine: Engine, on: boolean): Promise<string | null> {
    try {
      const changed = await door.drain(engine.name, on);
      if (this.value !== null) {
        const engines = this.value.engines.map((one) => (one.name === changed.name ? changed : one));
        this.value = { ...this.value, engines };
      }
      return null;
    } catch (error) {
      return sentenceOf(error);
    }
  }
}

/** Every setting; of them the names of the tiers. */
class SettingsStore extends Poll<door.Setting[]> {
  constructor() {
    super(async () => (await door.settings()).items, 60_000);
  }

  get tiers(): string[] {
    return [...new Set((this.value ?? []).map((one) => TIER.exec(one.name)?.[1]).filter((name) => name !== undefined))];
  }
}

export const gate = new Gate();
export const live = new Live();
export const settings = new SettingsStore();
