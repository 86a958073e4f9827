/**
 * The end of a text that grows, in a window: short blocks, of which only the last one changes. What a token costs
 * does not depend on how much came before it.
 */

// Text is laid out block by block: a long one is begun anew at the end of a sentence, or at a space.
const LONG_BLOCK = 900;
const LONGEST_BLOCK = 1800;
// Kept for who scrolls back in the window. While they read there, nothing goes away under their eyes.
const KEPT = 6000;
const KEPT_FOR_READER = 40_000;

export class LiveText {
  #shown = 0;
  #kept = 0;
  #last: Text | undefined;

  constructor(private readonly box: HTMLElement) {}

  /** `end`: the last characters of a text that has had `chars` so far. */
  show(end: string, chars: number, following: boolean): void {
    const missing = chars - this.#shown;
    if (missing <= 0) return;
    if (missing > end.length || this.#shown === 0) {
      this.box.replaceChildren();
      this.#last = undefined;
      this.#kept = 0;
      this.#append(end);
    } else {
      this.#append(end.slice(end.length - missing));
    }
    this.#shown = chars;
    this.#drop(following ? KEPT : KEPT_FOR_READER);
  }

  /** A line ends with its break, so that the text reads and copies as it is. */
  #append(text: string): void {
    for (let from = 0; from < text.length; ) {
      const last = this.#block();
      const line = text.indexOf('\n', from);
      const end = line < 0 ? text.length : line + 1;
      const to = Math.min(end, from + this.#room(last, text, from, end));
      last.appendData(text.slice(from, to));
      this.#kept += to - from;
      if (to < end || to === line + 1 || last.length >= LONGEST_BLOCK) this.#last = undefined;
      from = to;
    }
  }

  /** How much of text[from, end) the block takes. */
  #room(last: Text, text: string, from: number, end: number): number {
    const most = LONGEST_BLOCK - last.length;
    const free = LONG_BLOCK - last.length;
    if (end - from <= free) return end - from;
    const found = /[.!?。！？]\s|\s/.exec(text.slice(from + Math.max(0, free), end));
    const cut = found === null ? end - from : Math.max(0, free) + found.index + found[0].length;
    if (cut <= most) return Math.max(1, cut);
    return Math.max(1, most - (/[\ud800-\udbff]/.test(text.charAt(from + most - 1)) ? 1 : 0));
  }

  #block(): Text {
    if (this.#last !== undefined) return this.#last;
    const block = document.createElement('p');
    this.#last = document.createTextNode('');
    block.append(this.#last);
    this.box.append(block);
    return this.#last;
  }

  #drop(most: number): void {
    for (let first = this.box.firstChild; this.#kept > most && first !== this.box.lastChild; first = this.box.firstChild) {
      this.#kept -= first?.textContent?.length ?? 0;
      first?.remove();
    }
  }
}
