/** The language of the page, and its strings. */
import { choices } from '../services/kept';
import type { EndedBy } from '../services/wire';
import type { Dictionary, Key } from '../words/entry';
import { fill, type Values } from '../words/fill';
import { bestOf, isCode, languages, offeredBy, tags, type Code } from '../words/languages';
import { load } from '../words/load';

// Between tries to get the first words at all; doubled each time.
const FIRST_WAIT_MS = 500;

const ENDED = {
  person: 'thought.byPerson',
  budget: 'thought.byBudget',
  load: 'thought.byLoad',
  site: 'thought.bySite',
} as const satisfies Record<EndedBy, Key>;

class Words {
  /** Those that the site offers, in its order. */
  readonly offered: readonly Code[] = offeredBy(document.documentElement.dataset['languages']);
  code = $state<Code>('en');
  /** Empty until `start` has been awaited: nothing is shown before. */
  #dictionary = $state.raw<Dictionary>({} as Dictionary);

  /** The language chosen here before, or the first of the browser's that there is. */
  async start(): Promise<void> {
    const kept = choices.read('language');
    const wanted = isCode(kept) && this.offered.includes(kept) ? kept : bestOf(navigator.languages, this.offered);
    for (let wait = FIRST_WAIT_MS; !(await this.#show(wanted)) && !(await this.#show('en')); wait *= 2) {
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }

  async choose(code: Code): Promise<void> {
    choices.write('language', code);
    await this.#show(code);
  }

  readonly t = (key: Key, values: Values = {}): string => fill(this.#dictionary[key], values, tags[this.code]);

  number(value: number, options?: Intl.NumberFormatOptions): string {
    return new Intl.NumberFormat(tags[this.code], options).format(value);
  }

  /** "8.2 s", "2 min 5 s". */
  seconds(value: number): string {
    const whole = Math.round(value);
    if (whole >= 60) return this.t('time.minutes', { minutes: Math.floor(whole / 60), seconds: whole % 60 });
    return this.t('time.seconds', { seconds: this.number(value, { maximumFractionDigits: value < 10 ? 1 : 0 }) });
  }

  /** A moment to come or gone (ms): "14:30" of today, "Mon 30 Nov, 14:30" of another day. */
  moment(at: number): string {
    const [then, now] = [new Date(at), new Date()];
    const today = then.toDateString() === now.toDateString();
    const year: Intl.DateTimeFormatOptions = then.getFullYear() === now.getFullYear() ? {} : { year: 'numeric' };
    const day: Intl.DateTimeFormatOptions = today ? {} : { weekday: 'short', day: 'numeric', month: 'short', ...year };
    return new Intl.DateTimeFormat(tags[this.code], { ...day, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at);
  }

  /** "Thought for 5 s": whole seconds, as nobody feels the tenths. */
  thoughtFor(seconds: number): string {
    if (seconds < 1) return this.t('thought.moment');
    return this.t('thought.for', { time: this.seconds(Math.round(seconds)) });
  }

  /** A thought that is over: how long it took, where that is known, and who ended it, where the model did not. */
  thoughtOver(seconds: number | null, endedBy: EndedBy | null): string {
    const thought = seconds === null ? this.t('thought.text') : this.thoughtFor(seconds);
    return endedBy === null ? thought : this.t(ENDED[endedBy], { thought });
  }

  /** False where the words did not arrive: what is shown stays. */
  async #show(code: Code): Promise<boolean> {
    try {
      this.#dictionary = await load<Key>('main', code);
    } catch {
      return false;
    }
    this.code = code;
    document.documentElement.lang = tags[code];
    document.documentElement.dir = languages[code].dir;
    return true;
  }
}

export const words = new Words();
export const t = words.t;
export { languages, tags, type Code };
export type { Key };
