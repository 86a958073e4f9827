/** Marks what was found, without touching the text: by ranges that the browser paints. Old browsers paint none. */
import type { Match } from '../../turn/search';

const ALL = 'thought-match';
const ONE = 'thought-match-here';

export class Marks {
  #ranges: Range[] = [];
  #here: Range | undefined;

  /** `texts`: the text of each step that is drawn. Returns where the one that is shown stands. */
  show(texts: readonly (Text | null)[], matches: readonly Match[], match: Match | null): Range | undefined {
    this.clear();
    for (const one of matches) {
      const range = rangeOf(texts[one.step], one);
      if (range === undefined) continue;
      this.#ranges.push(range);
      if (one === match) this.#here = range;
    }
    const [all, here] = [registered(ALL), registered(ONE)];
    for (const range of this.#ranges) (range === this.#here ? here : all)?.add(range);
    return this.#here;
  }

  clear(): void {
    const [all, here] = [registered(ALL), registered(ONE)];
    for (const range of this.#ranges) (range === this.#here ? here : all)?.delete(range);
    this.#ranges = [];
    this.#here = undefined;
  }
}

function rangeOf(text: Text | null | undefined, { at, length }: Match): Range | undefined {
  if (!text || at + length > text.length) return undefined;
  const range = new Range();
  range.setStart(text, at);
  range.setEnd(text, at + length);
  return range;
}

/** One for all thoughts that are open: each adds and takes away its own. */
function registered(name: string): Highlight | undefined {
  if (typeof CSS === 'undefined' || !('highlights' in CSS)) return undefined;
  const known = CSS.highlights.get(name);
  if (known !== undefined) return known;
  const made = new Highlight();
  CSS.highlights.set(name, made);
  return made;
}
