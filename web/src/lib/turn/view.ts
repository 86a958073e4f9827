/**
 * TurnEvent -> what is shown of a turn. Pure: no clock, no network. Reading an event twice, or an older one
 * again, changes nothing, so a stream may be replayed from any point.
 */
import type { EndedBy, FinishReason, Message, Moved, Receipt, Shortening, StoppedBy, TurnEvent, WaitReason } from '../services/wire';

export type Phase = 'asked' | 'waiting' | 'reading' | 'thinking' | 'answering' | 'done';

export type Ending =
  | { kind: 'finished'; finish: FinishReason }
  | { kind: 'failed'; code: string; message: string }
  | { kind: 'stopped'; by: StoppedBy }
  | { kind: 'interrupted' };

/** Where one stands in line, and what is waited for. Seconds count from the moment in which they were told. */
export type Place = {
  position: number;
  waiting: number;
  reason: WaitReason;
  expectedS: number | null;
  p90S: number | null;
  /** Why the position rose above `from`; kept until it is as low again. */
  moved: { why: Moved; from: number } | null;
  /** Its person's quota is used up: it waits behind all who are within theirs, until that begins anew. */
  behind: boolean;
  resetsS: number | null;
};

/** What a turn was doing when it had to wait again. */
export type Paused = 'thinking' | 'answering';

export type TurnView = {
  readonly seq: number;
  readonly phase: Phase;
  readonly place: Place | null;
  /** Set while a turn that had begun waits again: it goes on in that phase. */
  readonly paused: Paused | null;
  readonly waitedS: number;
  /** The oldest messages that did not fit the model's context and were not read. */
  readonly leftOut: number;
  /** All of it that came here. Of a stored answer it is read when it is opened. */
  readonly thought: string;
  readonly hasThought: boolean;
  /** Of a thought that runs: its last characters, and how many there were. To look at all of it costs more each time. */
  readonly thoughtEnd: string;
  readonly thoughtChars: number;
  readonly answer: string;
  /** The thought was given fewer tokens, because others waited. */
  readonly shortened: Shortening | null;
  /** A shortened thought that runs may go on after all: the reader asked for it. */
  readonly lengthened: boolean;
  /** Who ended the thought, where the model did not. */
  readonly endedBy: EndedBy | null;
  readonly ending: Ending | null;
  readonly receipt: Receipt | null;
};

export const fresh: TurnView = {
  seq: 0,
  phase: 'asked',
  place: null,
  paused: null,
  waitedS: 0,
  leftOut: 0,
  thought: '',
  hasThought: false,
  thoughtEnd: '',
  thoughtChars: 0,
  answer: '',
  shortened: null,
  lengthened: false,
  endedBy: null,
  ending: null,
  receipt: null,
};

export function reduce(view: TurnView, seq: number, event: TurnEvent): TurnView {
  if (seq <= view.seq || view.phase === 'done') return view;
  const next = { ...view, seq };
  switch (event.type) {
    case 'queued':
      return { ...next, phase: 'waiting', place: placeAfter(view.place, event), paused: pausedIn(view) };
    case 'started': {
      const leftOut = view.paused === null ? event.left_out : view.leftOut;
      return { ...next, phase: view.paused ?? 'reading', place: null, paused: null, waitedS: event.waited_s, leftOut };
    }
    case 'shortened':
      return { ...next, shortened: { budget: event.budget, full: event.full, waiting: event.waiting }, lengthened: false };
    case 'lengthened':
      return { ...next, shortened: null, lengthened: true };
    case 'thought_ended':
      return thoughtEnded(next, event.by);
    case 'reasoning_delta':
      return {
        ...next,
        // A thought after the answer has begun joins the thought; the answer stays in front.
        phase: view.phase === 'answering' ? 'answering' : 'thinking',
        place: null,
        ...grown(view, event.text),
      };
    case 'answer_delta': {
      const answer = view.answer + event.text;
      // Blank lines between thought and answer are not an answer yet.
      const begun = view.phase === 'answering' || answer.trim() !== '';
      return { ...next, phase: begun ? 'answering' : view.phase, place: null, answer };
    }
    case 'tool_call_delta':
      return next; // the site runs no tools yet
    case 'finished':
      return ended(next, { kind: 'finished', finish: event.reason }, event.receipt);
    case 'failed':
      return ended(next, failure(event), event.receipt);
    case 'stopped':
      return ended(next, { kind: 'stopped', by: event.by }, event.receipt);
    default: {
      const unknown: never = event; // a new kind of event fails the type check here
      return unknown ?? next;
    }
  }
}

// Between one and two of these is kept, so that it is cut now and then and not each time.
const END_CHARS = 6000;

function grown(view: TurnView, text: string): Pick<TurnView, 'thought' | 'hasThought' | 'thoughtEnd' | 'thoughtChars'> {
  const end = view.thoughtEnd + text;
  return {
    thought: view.thought + text,
    hasThought: view.hasThought || text.trim() !== '',
    thoughtEnd: end.length > 2 * END_CHARS ? tail(end, END_CHARS) : end,
    thoughtChars: view.thoughtChars + text.length,
  };
}

/** What follows is the answer; of one that waits, once it goes on. */
function thoughtEnded(view: TurnView, endedBy: EndedBy): TurnView {
  const paused = view.paused === 'thinking' ? 'answering' : view.paused;
  const phase = view.phase === 'thinking' || view.phase === 'reading' ? 'answering' : view.phase;
  return { ...view, phase, paused, lengthened: false, endedBy };
}

function placeAfter(before: Place | null, event: Extract<TurnEvent, { type: 'queued' }>): Place {
  const { position, waiting, reason, expected_s: expectedS, p90_s: p90S, behind, resets_s: resetsS } = event;
  // Who was not in line has no position that rose: what is said then holds until the start.
  const risen = event.moved === null ? (before?.moved ?? null) : { why: event.moved, from: before?.position ?? 0 };
  const moved = risen !== null && position > risen.from ? risen : null;
  return { position, waiting, reason, expectedS, p90S, moved, behind, resetsS };
}

function pausedIn({ phase, paused }: TurnView): Paused | null {
  return phase === 'thinking' || phase === 'answering' ? phase : paused;
}

const over = { phase: 'done', place: null, paused: null, thoughtEnd: '', thoughtChars: 0 } as const;

/** The receipt has the last word on what became of the thought: a stored answer has no other. */
function ended(view: TurnView, ending: Ending, receipt: Receipt): TurnView {
  return { ...view, ...ofTheThought(receipt), ...over, ending, receipt };
}

const ofTheThought = (receipt: Receipt | null): Pick<TurnView, 'shortened' | 'lengthened' | 'endedBy'> => ({
  shortened: receipt?.shortened ?? null,
  lengthened: false,
  endedBy: receipt?.thought_ended ?? null,
});

/** A stored answer, as if its events had been read. One that still streams starts from nothing. */
export function viewOf(message: Message): TurnView {
  if (message.status === 'streaming') return fresh;
  return {
    ...fresh,
    phase: 'done',
    leftOut: message.left_out,
    thought: message.reasoning ?? '',
    hasThought: message.has_thought,
    answer: message.content,
    ...ofTheThought(message.receipt),
    ending: endingOf(message),
    receipt: message.receipt,
  };
}

/** The end of the site in mid-answer is told as a failure while it happens, and stored as an interruption. */
function failure({ code, message }: { code: string; message: string }): Ending {
  return code === 'interrupted' ? { kind: 'interrupted' } : { kind: 'failed', code, message };
}

function endingOf(message: Message): Ending {
  switch (message.status) {
    case 'failed':
      return failure(message.error ?? { code: 'error', message: '' });
    case 'stopped':
      return { kind: 'stopped', by: message.stopped_by ?? 'person' };
    case 'interrupted':
      return { kind: 'interrupted' };
    case 'complete':
    case 'streaming':
      return { kind: 'finished', finish: message.finish_reason ?? 'stop' };
  }
}

/** It did not come to its own end, and something was said that can be gone on with; of what is not stored, some of the answer. */
export function mayGoOn({ phase, ending, answer, hasThought }: TurnView, temporary: boolean): boolean {
  if (phase !== 'done' || ending === null || (ending.kind === 'finished' && ending.finish !== 'length')) return false;
  return answer.trim() !== '' || (hasThought && !temporary);
}

/** The stored form of an answer that this page saw to its end. */
export function settle(message: Message, view: TurnView): Message {
  const statuses = { finished: 'complete', failed: 'failed', stopped: 'stopped', interrupted: 'interrupted' } as const;
  const ending = view.ending;
  if (ending === null) return message;
  return {
    ...message,
    content: view.answer,
    has_thought: view.hasThought,
    reasoning: view.thought,
    status: statuses[ending.kind],
    error: ending.kind === 'failed' ? { code: ending.code, message: ending.message } : null,
    receipt: view.receipt,
    finish_reason: ending.kind === 'finished' ? ending.finish : null,
    stopped_by: ending.kind === 'stopped' ? ending.by : null,
    left_out: view.leftOut,
  };
}

/** The end of a long text, for a window that shows only its last lines; never cuts a character in two. */
export function tail(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const cut = text.slice(text.length - limit);
  const line = cut.indexOf('\n');
  if (line >= 0 && line < limit / 4) return cut.slice(line + 1);
  return /^[\udc00-\udfff]/.test(cut) ? cut.slice(1) : cut;
}
