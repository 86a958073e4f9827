import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeSite, FakeSource } from '../../../tests/fakesite';
import type { Receipt, TurnEvent } from '../services/wire';
import type { TurnView } from '../turn/view';
import { LiveTurn } from './live.svelte';

const EVENTS = 300;
const receipt = { turn_id: 't1', model: 'm', ending: 'finished', usage: { prompt: 1, cached: 0, reasoning: 99, answer: 199 }, thinking_s: 1 } as unknown as Receipt;
const events: TurnEvent[] = [
  { type: 'started', model: 'm', replica: 'r', waited_s: 0, left_out: 0 },
  ...Array.from({ length: 99 }, (_, n): TurnEvent => ({ type: 'reasoning_delta', text: `t${n} `, tokens: 1 })),
  ...Array.from({ length: 199 }, (_, n): TurnEvent => ({ type: 'answer_delta', text: n % 7 === 0 ? '💧' : `a${n} `, tokens: 1 })),
  { type: 'finished', reason: 'stop', receipt },
];
const said = (type: 'reasoning_delta' | 'answer_delta'): string => events.map((event) => (event.type === type ? event.text : '')).join('');
const whole = { thought: said('reasoning_delta'), answer: said('answer_delta') };

beforeEach(() => {
  vi.useFakeTimers();
  const site = new FakeSite();
  for (let after = 0; after <= EVENTS; after += 1) site.on(`GET /api/turns/t1/events${after > 0 ? `?after=${after}` : ''}`, { status: 200, body: {} });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** What is read of the stream when it breaks after each of `cuts`; the site tells `again` events once more. */
async function read(cuts: number[], again: number): Promise<TurnView> {
  let ended: TurnView | null = null;
  const live = new LiveTurn('t1', { at: Date.now(), resumed: false, thinks: true }, { ended: (view) => (ended = view), gone: () => expect.unreachable() });
  let at = 0;
  const tell = (to: number): void => {
    for (let seq = Math.max(1, at + 1 - again); seq <= to; seq += 1) {
      const event = events[seq - 1];
      if (event && !FakeSource.last.closed) FakeSource.last.send(seq, event);
    }
    at = to;
  };
  for (const cut of cuts) {
    tell(cut);
    const broken = FakeSource.last;
    broken.fail();
    await vi.advanceTimersByTimeAsync(1000); // longer than the first wait
    expect(FakeSource.last).not.toBe(broken);
    expect(FakeSource.last.url).toBe(`/api/turns/t1/events${cut > 0 ? `?after=${cut}` : ''}`);
  }
  tell(EVENTS);
  await vi.advanceTimersByTimeAsync(200); // its last words are shown first
  live.close();
  if (ended === null) throw new Error('it did not end');
  return ended;
}

describe('a stream of 300 events', () => {
  it('gives the same text wherever it is cut, also where events come twice', async () => {
    expect(events).toHaveLength(EVENTS);
    let same = 0;
    for (let cut = 0; cut < EVENTS; cut += 1) {
      const { thought, answer, ending } = await read([cut], cut % 3);
      if (thought === whole.thought && answer === whole.answer && ending?.kind === 'finished') same += 1;
    }
    expect(same).toBe(300);
  });

  it('gives the same text when it is cut after every event', async () => {
    expect(await read(Array.from({ length: EVENTS - 1 }, (_, n) => n + 1), 0)).toMatchObject(whole);
  });
});
