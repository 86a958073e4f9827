/** One running turn, as this page reads it. Events are folded at once and shown once per frame. */
import { tick } from 'svelte';
import * as api from '../services/api';
import { readTurn, type Gone } from '../services/turnstream';
import type { TurnEvent } from '../services/wire';
import { minuteAfter, startOf, type Start } from '../turn/start';
import { fresh, reduce, type TurnView } from '../turn/view';
import { announcer } from './announcer.svelte';
import { whenIdle } from './idle';
import { sentenceOf } from './problem';
import { lineAloud } from './waiting';
import { t, words, type Key } from './words.svelte';

/**
 * When the answer was opened, on this device's clock (ms); `resumed` when its beginning was not seen; `thinks`
 * where a thought is to be expected.
 */
export type Birth = { at: number; resumed: boolean; thinks: boolean };

/** What a reader may ask of a running thought: not asked; asked, and the site has not told of it yet; in vain. */
export type Wish = 'open' | 'asked' | 'refused';

export type Watcher = {
  ended(view: TurnView): void;
  gone(why: Gone): void;
};

// A thought that was over this soon after joining was over before.
const REPLAY_MS = 700;
// A line that moves fast would be all that a screen reader ever says.
const QUIET_MS = 20_000;
// A text that is slow to show is shown less often, and what comes meanwhile waits; not longer than this.
const REST = 2;
const LONGEST_REST_MS = 30;
// A page that gets no frames, since nobody looks at it, ends nevertheless.
const LONGEST_FRAME_MS = 100;

export class LiveTurn {
  view = $state.raw<TurnView>(fresh);
  connected = $state(true);
  stopping = $state(false);
  answerFirst = $state<Wish>('open');
  thinksOn = $state<Wish>('open');
  /** The reader holds the page still: what comes meanwhile is shown when they go on. */
  held = $state(false);
  /** It has ended behind a page that is held still. */
  over = $state(false);
  /** Why a wish could not be met, as long as that matters. */
  note = $state<string | null>(null);
  thinkingSince = $state<number | null>(null);
  /** Seconds of thinking as seen here; null while unknown. The receipt's number replaces it. */
  thoughtS = $state<number | null>(null);
  /** When it will start; null where no time is known or nothing is waited for. */
  start = $state.raw<Start | null>(null);
  /** When the quota begins anew that this turn waits behind the others for; null where that is not so or not known. */
  resetsAt = $state<number | null>(null);

  #latest: TurnView = fresh;
  #frame = 0;
  #rest: ReturnType<typeof setTimeout> | undefined;
  #restUntil = 0;
  #callOff = (): void => undefined;
  #saidPlaceAt = 0;
  #close: () => void;
  readonly #joined = Date.now();

  constructor(
    readonly turnId: string,
    private readonly birth: Birth,
    private readonly watcher: Watcher,
  ) {
    this.#close = readTurn(turnId, 0, {
      event: (seq, event) => this.#read(seq, event),
      connected: (is) => {
        this.connected = is;
      },
      gone: (why) => {
        this.#show();
        this.watcher.gone(why);
      },
    });
  }

  close(): void {
    this.#unschedule();
    this.#close();
  }

  hold(): void {
    this.held = true;
    this.#unschedule();
  }

  goOn(): void {
    this.held = false;
    this.#show();
    if (this.over) this.watcher.ended(this.#latest);
  }

  /** Seconds since it was asked. */
  get ageS(): number {
    return (Date.now() - this.birth.at) / 1000;
  }

  get expectsThought(): boolean {
    return this.birth.thinks;
  }

  /** Ends the thought. What came of it is told by the turn's events, here as on every other device. */
  async answerNow(): Promise<void> {
    if (this.answerFirst !== 'open') return;
    this.answerFirst = 'asked';
    this.answerFirst = await this.#wish(api.answerNow, 'thought.ending', 'thought.tooLate');
  }

  /** Lets a shortened thought go on. */
  async thinkOn(): Promise<void> {
    if (this.thinksOn !== 'open') return;
    this.thinksOn = 'asked';
    this.thinksOn = await this.#wish(api.thinkOn, 'thought.goingOn', 'thought.noLonger');
  }

  async #wish(ask: (turnId: string) => Promise<void>, said: Key, inVain: Key): Promise<Wish> {
    this.note = null;
    announcer.say(t(said));
    try {
      await ask(this.turnId);
      return 'asked';
    } catch (error) {
      const refused = error instanceof api.ApiError && error.code === 'conflict';
      if (this.#latest.phase === 'done') return 'refused';
      this.note = refused ? t(inVain) : sentenceOf(error);
      announcer.say(this.note);
      return refused ? 'refused' : 'open';
    }
  }

  #read(seq: number, event: TurnEvent): void {
    const before = this.#latest;
    this.#latest = reduce(before, seq, event);
    if (this.#latest === before) return;
    this.#expect(before);
    this.#thoughtChanged(before);
    if (this.#latest.phase !== before.phase) this.#changed(before);
    else if (this.#worthSaying(before)) this.#sayPlace();
    if (this.#latest.phase === 'done') {
      this.over = true;
      if (!this.held || this.stopping) this.#end(before); // who stops it wants to see where it stopped
    } else {
      this.#schedule();
    }
  }

  /** Its last words stand on the screen before the page is busy with all that comes with the end. */
  #end(before: TurnView): void {
    if (document.hidden || before.answer === this.view.answer) return this.goOn();
    this.#unschedule();
    this.view = before;
    const end = (): void => this.goOn();
    this.#rest = setTimeout(end, LONGEST_FRAME_MS);
    this.#frame = requestAnimationFrame(() => (this.#callOff = whenIdle(end, LONGEST_FRAME_MS)));
  }

  #schedule(): void {
    if (this.held || this.#frame !== 0 || this.#rest !== undefined) return;
    const rest = this.#restUntil - performance.now();
    const frame = (): void => {
      this.#rest = undefined;
      this.#frame = requestAnimationFrame(() => void this.#showMeasured());
    };
    if (rest > 0) this.#rest = setTimeout(frame, rest);
    else frame();
  }

  async #showMeasured(): Promise<void> {
    const begun = performance.now();
    this.#show();
    await tick();
    const cost = performance.now() - begun;
    this.#restUntil = begun + cost + Math.min(cost * REST, LONGEST_REST_MS);
  }

  #show(): void {
    this.#unschedule();
    this.view = this.#latest;
  }

  #unschedule(): void {
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#rest);
    this.#callOff();
    this.#frame = 0;
    this.#rest = undefined;
  }

  /** Sets the expected start by what was told of the place just now. */
  #expect(before: TurnView): void {
    const place = this.#latest.place;
    if (place === before.place) return;
    this.resetsAt = place?.behind && place.resetsS !== null ? minuteAfter(Date.now(), place.resetsS) : null;
    const told = before.place === null || this.start === null ? null : { place: before.place, start: this.start };
    this.start = place === null ? null : startOf(place, Date.now(), told);
  }

  #thoughtChanged(before: TurnView): void {
    const { endedBy, lengthened, phase, shortened } = this.#latest;
    if (shortened !== before.shortened) this.thinksOn = 'open';
    if (lengthened && !before.lengthened) announcer.say(t('thought.lengthened'));
    if (endedBy !== before.endedBy && phase === 'waiting') announcer.say(t('thought.straight'));
  }

  #changed(before: TurnView): void {
    const { phase, waitedS, ending, endedBy } = this.#latest;
    const now = Date.now();
    this.note = null;
    if (phase === 'waiting') this.#sayPlace();
    if (phase === 'thinking') {
      // The seconds of thinking go on where they were before a pause.
      this.thinkingSince = this.birth.resumed ? Math.min(now, this.birth.at + waitedS * 1000) : now - (this.thoughtS ?? 0) * 1000;
      if (before.paused === null) announcer.say(t('say.thinking'));
    }
    if (before.phase === 'thinking' && this.thinkingSince !== null) {
      const replayed = this.birth.resumed && now - this.#joined < REPLAY_MS;
      this.thoughtS = replayed ? null : (now - this.thinkingSince) / 1000;
    }
    if (before.paused !== null && phase === before.paused) announcer.say(t('say.goesOn'));
    else if (phase === 'answering') {
      const thought = this.thoughtS === null ? null : words.thoughtOver(this.thoughtS, endedBy);
      announcer.say(thought === null ? t('say.answeringNow') : t('say.answering', { thought }));
    }
    if (ending !== null) {
      const key = { finished: 'say.finished', stopped: 'say.stopped', failed: 'say.failed', interrupted: 'say.stopped' } as const;
      announcer.say(t(key[ending.kind]));
    }
  }

  /** A reason is said at once, a place that only went on not more often than one can listen. */
  #worthSaying(before: TurnView): boolean {
    const [place, was] = [this.#latest.place, before.place];
    if (place === null || was === null) return false;
    if (place.reason !== was.reason || (place.moved !== null && was.moved === null)) return true;
    if (place.behind !== was.behind) return true;
    // What was before one came back is over: the last word of it counts, not the first.
    if (this.birth.resumed && Date.now() - this.#joined < REPLAY_MS) return true;
    return place.position !== was.position && Date.now() - this.#saidPlaceAt >= QUIET_MS;
  }

  #sayPlace(): void {
    this.#saidPlaceAt = Date.now();
    announcer.say(lineAloud(this.#latest, this.start, this.#saidPlaceAt, this.resetsAt));
  }
}
