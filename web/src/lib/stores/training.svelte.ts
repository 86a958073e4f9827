/** Training runs, one of them with its curves, and the adapters; each asked again as long as somebody looks. */
import * as door from '../services/training';
import type { Adapters, Run, Runs, Smoke, Tried } from '../services/training';
import { Poll } from './poll.svelte';
import { sentenceOf } from './problem';

export type { Adapter, Adapters, Curve, Evaluation, Line, Run, RunRow, StageRow, Talk, Unread } from '../services/training';

const EVERY_MS = 5000;

class RunsStore extends Poll<Runs> {
  /** Of the run that was chosen; null: the one that was written last. */
  #chosen = $state<string | null>(null);

  constructor() {
    super(door.runs, EVERY_MS);
  }

  get shown(): string | null {
    const items = this.value?.items ?? [];
    return (items.find(({ name }) => name === this.#chosen) ?? items[0])?.name ?? null;
  }

  choose(name: string): void {
    this.#chosen = name;
  }
}

/** The run of that name: made anew for another, so that no curve of one is shown under another's name. */
export class RunStore extends Poll<Run> {
  constructor(readonly name: string) {
    super(() => door.run(name), EVERY_MS);
  }
}

class AdaptersStore extends Poll<Adapters> {
  /** The name of what is being begun; null while nothing is. */
  loading = $state<string | null>(null);
  /** What was tried last and did not pass. */
  failed = $state.raw<{ name: string; answer: string } | null>(null);

  constructor() {
    super(door.adapters, EVERY_MS);
  }

  /** Returns what went wrong, in words; null: it is on trial, or `failed` says what it answered. */
  async load(name: string, smoke: Smoke[]): Promise<string | null> {
    this.failed = null;
    this.loading = name;
    const problem = await this.#do(async () => {
      const tried: Tried = await door.load(name, smoke);
      if (!tried.passed) this.failed = { name, answer: tried.smoke.find((one) => !one.passed)?.answer ?? '' };
      return tried.adapters;
    });
    this.loading = null;
    return problem;
  }

  share = (percent: number): Promise<string | null> => this.#do(() => door.share(percent));
  complete = (): Promise<string | null> => this.#do(door.complete);
  rollBack = (): Promise<string | null> => this.#do(door.rollBack);

  async #do(order: () => Promise<Adapters>): Promise<string | null> {
    try {
      this.value = await order();
      return null;
    } catch (error) {
      return sentenceOf(error);
    } finally {
      // An answer that is on its way was asked for before: it must not stand in for this one.
      void this.refresh();
    }
  }
}

export const runs = new RunsStore();
export const adapters = new AdaptersStore();
