/** How much is to be thought: chosen by the reader, kept on this device, sent with each question. */
import { choices } from '../services/kept';
import type { Effort } from '../services/wire';
import { site } from './site.svelte';
import { t, type Key } from './words.svelte';

// The finer steps between these are for programs.
const names = {
  none: 'effort.none',
  low: 'effort.low',
  medium: 'effort.medium',
  high: 'effort.high',
  max: 'effort.max',
} as const satisfies Partial<Record<Effort, Key>>;

export type Offered = keyof typeof names;

const isNamed = (text: string | null): text is Offered => text !== null && Object.hasOwn(names, text);
const isBudget = (text: string): boolean => /^[1-9]\d{0,6}$/.test(text);

class EffortStore {
  /** A name, or tokens. */
  #kept = $state<string | null>(choices.read('effort'));

  /** What this site's model can be asked for; nothing for one that does not think. */
  get offered(): Offered[] {
    return (site.about?.model.efforts ?? []).filter(isNamed);
  }

  /** The most tokens that a thought may be given here, to choose from. */
  get budgets(): number[] {
    return site.about?.model.budgets ?? [];
  }

  /** Null: as the site does. A choice that this model does not know rests until one does. */
  get chosen(): Offered | null {
    return this.offered.find((effort) => effort === this.#kept) ?? null;
  }

  /** In place of an effort: so many tokens at most. */
  get budget(): number | null {
    return this.budgets.find((tokens) => String(tokens) === this.#kept) ?? null;
  }

  /** What goes along with a question. */
  get asked(): { effort?: Offered; budget?: number } {
    if (this.budget !== null) return { budget: this.budget };
    return this.chosen === null ? {} : { effort: this.chosen };
  }

  nameOf(effort: Offered | null): Key {
    return effort === null ? 'effort.usual' : names[effort];
  }

  /** The sign is the same in all languages. */
  budgetInWords(tokens: number): string {
    return `≤ ${t('receipt.tokens', { count: tokens })}`;
  }

  /** A name, tokens, or nothing for what is usual. */
  choose(text: string): void {
    this.#kept = isNamed(text) || isBudget(text) ? text : null;
    choices.write('effort', this.#kept ?? '');
  }
}

export const effort = new EffortStore();
