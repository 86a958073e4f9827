/** One opened thought: its steps, the one that is read, how many are drawn so far, and what is looked for in it. */
import { firstFrom, matchesIn, MOST_MATCHES, type Match } from '../turn/search';
import { stepsOf } from '../turn/steps';

// A long thought opens with its first steps; the others follow, a frame at a time.
const FIRST = 40;
const MORE = 120;

export class Reading {
  readonly steps = $derived.by(() => stepsOf(this.text()));
  /** The step that was gone to. */
  current = $state(0);
  wanted = $state('');
  #drawn = $state(FIRST);
  #at = $state(0);
  readonly matches = $derived(matchesIn(this.steps, this.wanted));

  /** `text`: the thought, which may still grow. */
  constructor(private readonly text: () => string) {}

  readonly drawn = $derived(this.steps.slice(0, this.#drawn));

  get whole(): boolean {
    return this.#drawn >= this.steps.length;
  }

  drawMore(): void {
    this.#drawn += MORE;
  }

  /** Goes to a step, or as near as there is one. */
  go(step: number): void {
    this.current = Math.max(0, Math.min(step, this.steps.length - 1));
    this.#drawn = Math.max(this.#drawn, this.current + FIRST);
  }

  move(by: 1 | -1): void {
    this.go(this.current + by);
  }

  /** Of the match that is shown, from 0. */
  get at(): number {
    return Math.min(this.#at, Math.max(0, this.matches.length - 1));
  }

  get match(): Match | null {
    return this.matches[this.at] ?? null;
  }

  get more(): boolean {
    return this.matches.length === MOST_MATCHES;
  }

  /** From the step that is read on. */
  look(wanted: string): void {
    this.wanted = wanted;
    this.#at = firstFrom(this.matches, this.current);
    this.#toMatch();
  }

  /** Round and round. */
  next(by: 1 | -1): void {
    const count = this.matches.length;
    if (count === 0) return;
    this.#at = (this.at + by + count) % count;
    this.#toMatch();
  }

  #toMatch(): void {
    if (this.match !== null) this.go(this.match.step);
  }
}
