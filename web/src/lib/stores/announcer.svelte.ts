/** What a screen reader is told: changes of state, never the tokens. */

// A reader that is told something else before it has looked never says the first. They look some tens of ms later.
const GAP_MS = 150;

class Announcer {
  /** The last that was to be said. */
  said = $state('');
  /** What stands where screen readers look: each for a moment of its own, in order. */
  aloud = $state('');
  #waiting: string[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  say(text: string): void {
    // The same words twice are spoken twice only if the text differs.
    this.said = text === this.said ? `${text}\u00a0` : text;
    this.#waiting.push(this.said);
    if (this.#timer === undefined) this.#next();
  }

  #next(): void {
    const next = this.#waiting.shift();
    if (next !== undefined) this.aloud = next;
    this.#timer = next === undefined ? undefined : setTimeout(() => this.#next(), GAP_MS);
  }
}

export const announcer = new Announcer();
