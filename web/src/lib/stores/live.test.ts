import { flushSync } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeSite, FakeSource } from '../../../tests/fakesite';
import type { TurnEvent } from '../services/wire';
import { announcer } from './announcer.svelte';
import type { TurnView } from '../turn/view';
import { LiveTurn } from './live.svelte';

type Queued = Extract<TurnEvent, { type: 'queued' }>;

const queued = (position: number, more: Partial<Queued> = {}): Queued => ({
  ...{ type: 'queued', position, waiting: 12, reason: 'busy', expected_s: null, p90_s: null, moved: null, behind: false, resets_s: null },
  ...more,
});
const started: TurnEvent = { type: 'started', model: 'm', replica: 'r', waited_s: 0, left_out: 0 };
const thought: TurnEvent = { type: 'reasoning_delta', text: 'Hm.', tokens: 1 };
const answer: TurnEvent = { type: 'answer_delta', text: 'So.', tokens: 1 };

const shortened: TurnEvent = { type: 'shortened', budget: 256, full: 2048, waiting: 9 };
const ended: TurnEvent = { type: 'thought_ended', by: 'person' };

let site: FakeSite;
let live: LiveTurn;
let seq: number;
let said: string[];
let over: TurnView[];

beforeEach(() => {
  vi.useFakeTimers();
  site = new FakeSite();
  seq = 0;
  said = [];
  over = [];
  announcer.said = '';
  live = follow(false);
});

const follow = (resumed: boolean): LiveTurn =>
  new LiveTurn('t1', { at: Date.now(), resumed, thinks: true }, { ended: (view) => over.push(view), gone: () => undefined });

afterEach(() => {
  live.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** These events, each this many seconds after the one before. */
function read(...events: [number, TurnEvent][]): void {
  for (const [seconds, event] of events) {
    vi.advanceTimersByTime(seconds * 1000);
    FakeSource.last.send((seq += 1), event);
    flushSync();
    if (announcer.said !== '' && said.at(-1) !== announcer.said) said.push(announcer.said);
  }
}

describe('who waits and listens', () => {
  it('hears the place and the time at first, and then not more often than one can listen', () => {
    read([0, queued(9, { expected_s: 41 })]);
    for (let position = 8; position > 2; position -= 1) read([1, queued(position, { expected_s: 31 + position })]);
    expect(said).toEqual(['You are number 9 of 12 in line. Starts in about 40 seconds.']);
    read([20, queued(2, { expected_s: 12 })]);
    expect(said.slice(1)).toEqual(['You are number 2 of 12 in line. Starts in about 10 seconds.']);
  });

  it('hears at once why the place rose', () => {
    read([0, queued(3)], [1, queued(5, { moved: 'lighter_first' })], [1, queued(5)]);
    expect(said.at(-1)).toBe('You are number 5 of 12 in line. People who have used less came in between.');
    expect(said).toHaveLength(2);
  });

  it('hears, after coming back, where things stand now', () => {
    live.close();
    live = follow(true);
    read([0, queued(9)], [0, queued(8)], [0, queued(3)]);
    expect(announcer.said).toBe('You are number 3 of 12 in line.');
  });

  it('hears that it pauses for others, and that it goes on', () => {
    read([0, started], [1, thought], [5, queued(4, { reason: 'gave_way', expected_s: 20 })], [20, started], [1, answer]);
    expect(said).toEqual([
      'Thinking',
      'Paused for others: 11 are waiting. It goes on by itself. Goes on in about 20 seconds.',
      'The answer goes on',
      'Thought for 6 s; answering',
    ]);
  });
});

describe('a thought that runs', () => {
  const refusal = (code: string): { status: number; body: unknown } => ({ status: 409, body: { error: { code, message: 'Raw.' } } });

  it('is ended once, however often it is asked, and the ending is heard when it is true', async () => {
    site.on('POST /api/turns/t1/answer_now', { status: 204 });
    read([0, started], [0, thought]);
    await Promise.all([live.answerNow(), live.answerNow()]);
    expect(site.paths('POST')).toEqual(['/api/turns/t1/answer_now']);
    expect(live.answerFirst).toBe('asked');
    expect(announcer.said).toBe('Ending the thought…');
    read([5, ended]);
    expect(said.at(-1)).toBe('Thought for 5 s, ended by you; answering');
  });

  it('in line is left out, and that is heard', async () => {
    site.on('POST /api/turns/t1/answer_now', { status: 204 });
    read([0, queued(3)]);
    await live.answerNow();
    read([0, ended]);
    expect(said.at(-1)).toBe('It will go straight to the answer.');
  });

  it('that cannot be ended any more says so calmly, until the answer is there', async () => {
    site.on('POST /api/turns/t1/answer_now', refusal('conflict'));
    read([0, started], [0, thought]);
    await live.answerNow();
    expect(live.answerFirst).toBe('refused');
    expect(live.note).toBe('There is no thought to end any more: the answer is on its way.');
    expect(announcer.said).toBe(live.note);
    read([0, answer]);
    expect(live.note).toBeNull();
  });

  it('can be asked again where the network swallowed the wish', async () => {
    read([0, started], [0, thought]);
    await live.answerNow();
    expect(live.answerFirst).toBe('open');
    expect(live.note).toContain('cannot be reached');
    site.on('POST /api/turns/t1/answer_now', { status: 204 });
    await live.answerNow();
    expect([live.answerFirst, live.note]).toEqual(['asked', null]);
  });

  it('thinks on where it was short and that is wished', async () => {
    site.on('POST /api/turns/t1/think_on', { status: 204 });
    read([0, started], [0, shortened], [0, thought]);
    await live.thinkOn();
    expect(site.paths('POST')).toEqual(['/api/turns/t1/think_on']);
    read([0, { type: 'lengthened', budget: 2048 }]);
    expect(said.at(-1)).toBe('It thinks on, as you asked.');
    expect(live.thinksOn).toBe('open');
  });

  it('that cannot think on says so calmly', async () => {
    site.on('POST /api/turns/t1/think_on', refusal('conflict'));
    read([0, started], [0, shortened], [0, thought]);
    await live.thinkOn();
    expect([live.thinksOn, live.note]).toEqual(['refused', 'This thought cannot be made longer.']);
  });
});

describe('a turn that waits', () => {
  it('knows when it starts until it does', () => {
    read([0, queued(3, { expected_s: 20, p90_s: 60 })]);
    expect(live.start).toEqual({ at: Date.now() + 20_000, mostAt: Date.now() + 60_000, late: false });
    read([5, queued(2)]);
    expect(live.start).toBeNull();
    read([0, queued(2, { expected_s: 5 })], [5, started]);
    expect(live.start).toBeNull();
  });

  it('thinks on for as long as it had thought, however long it paused', () => {
    read([0, started], [0, thought], [7, queued(4, { reason: 'gave_way' })], [60, started]);
    expect(Date.now() - live.thinkingSince!).toBe(7000);
    read([2, answer]);
    expect(live.thoughtS).toBe(9);
  });
});

describe('the end', () => {
  const stopped = { type: 'stopped', by: 'person', receipt: null } as unknown as TurnEvent;

  it('comes after the last words stand on the screen', () => {
    read([0, started], [0, answer], [0, stopped]);
    expect([live.view.answer, live.view.phase, over]).toEqual(['So.', 'answering', []]);
    vi.advanceTimersByTime(100);
    expect(live.view.phase).toBe('done');
    expect(over).toHaveLength(1);
  });

  it('comes at once where the last words are shown already', () => {
    read([0, started], [0, answer], [1, stopped]);
    expect(over).toHaveLength(1);
  });

  it('comes at once where nobody looks, and soon where frames cease', () => {
    const hidden = vi.spyOn(document, 'hidden', 'get').mockReturnValue(true);
    read([0, started], [0, answer], [0, stopped]);
    expect(over).toHaveLength(1);
    hidden.mockReturnValue(false);
    live = follow(false);
    vi.stubGlobal('requestAnimationFrame', () => 1);
    read([0, started], [0, answer], [0, stopped]);
    expect(over).toHaveLength(1);
    vi.advanceTimersByTime(100);
    expect(over).toHaveLength(2);
    hidden.mockRestore();
  });

  it('comes not to who has left', () => {
    read([0, started], [0, answer], [0, stopped]);
    live.close();
    vi.advanceTimersByTime(1000);
    expect(over).toEqual([]);
  });
});
