import { describe, expect, it } from 'vitest';
import type { Message, Receipt, TurnEvent } from '../services/wire';
import { fresh, reduce, settle, tail, viewOf, type TurnView } from './view';

type Queued = Extract<TurnEvent, { type: 'queued' }>;

const receipt: Receipt = {
  turn_id: 't1',
  model: 'm',
  usage: { prompt: 10, cached: 2, reasoning: 3, answer: 4 },
  ending: 'finished',
  waited_s: 0,
  first_token_s: 0.1,
  thinking_s: 1.5,
  seconds: 2,
  tokens_per_s: 5,
  gave_way_s: 0,
  shortened: null,
  thinking_budget: null,
  thought_ended: null, tier: 'visitor', behind: false, charge: null, energy: null, cost: null, mark: null,
};
const queued = (position: number, waiting: number, more: Partial<Queued> = {}): Queued => ({
  ...{ type: 'queued', position, waiting, reason: 'busy', expected_s: null, p90_s: null, moved: null, behind: false, resets_s: null },
  ...more,
});

const events: TurnEvent[] = [
  queued(3, 7, { expected_s: 20, p90_s: 60 }),
  queued(1, 5, { expected_s: 4 }),
  { type: 'started', model: 'm', replica: 'r', waited_s: 2, left_out: 4 },
  { type: 'reasoning_delta', text: 'Let me ', tokens: 2 },
  { type: 'reasoning_delta', text: 'see.', tokens: 1 },
  { type: 'answer_delta', text: '\n', tokens: 1 },
  { type: 'answer_delta', text: 'Blue ', tokens: 2 },
  { type: 'tool_call_delta', index: 0, arguments: '{}', id: null, name: null, tokens: 1 },
  { type: 'answer_delta', text: 'sky.', tokens: 1 },
  { type: 'finished', reason: 'stop', receipt },
];

const readAll = (list: readonly TurnEvent[], from: TurnView = fresh, first = 1): TurnView =>
  list.reduce((view, event, index) => reduce(view, first + index, event), from);

const message: Message = {
  id: 'a1',
  parent_id: 'q1',
  role: 'assistant',
  content: 'Blue sky.',
  has_thought: true,
  reasoning: 'Let me see.',
  status: 'complete',
  turn_id: 't1',
  error: null,
  receipt,
  finish_reason: 'stop',
  stopped_by: null,
  left_out: 4,
  created_at: '2026-11-21T10:00:00Z',
};

describe('a turn that is read event by event', () => {
  it('goes through the line, the thought and the answer to its receipt', () => {
    const phases = events.map((_event, index) => readAll(events.slice(0, index + 1)).phase);
    expect(phases).toEqual([
      ...['waiting', 'waiting', 'reading', 'thinking', 'thinking', 'thinking', 'answering', 'answering', 'answering', 'done'],
    ]);
    const view = readAll(events);
    expect(view.thought).toBe('Let me see.');
    expect(view.answer).toBe('\nBlue sky.');
    expect(view.receipt).toEqual(receipt);
    expect(view.leftOut).toBe(4);
    expect(view.ending).toEqual({ kind: 'finished', finish: 'stop' });
  });

  it('knows the place in line until it starts', () => {
    expect(readAll(events.slice(0, 1)).place).toEqual({ position: 3, waiting: 7, reason: 'busy', expectedS: 20, p90S: 60, moved: null, behind: false, resetsS: null });
    expect(readAll(events.slice(0, 3)).place).toBeNull();
  });

  it('is the same wherever the stream was cut and replayed from', () => {
    const whole = readAll(events);
    for (let cut = 0; cut <= events.length; cut += 1) {
      for (let back = 0; back <= cut; back += 1) {
        const before = readAll(events.slice(0, cut));
        expect(readAll(events.slice(back), before, back + 1)).toEqual(whole);
      }
    }
  });

  it('returns the very same view for an event that it has read', () => {
    const view = readAll(events.slice(0, 5));
    expect(reduce(view, 5, events[4]!)).toBe(view);
    expect(reduce(view, 2, { type: 'answer_delta', text: 'again', tokens: 1 })).toBe(view);
  });

  it('changes nothing after its ending', () => {
    const view = readAll(events);
    expect(reduce(view, 99, { type: 'answer_delta', text: 'more', tokens: 1 })).toBe(view);
  });

  it('keeps what was said when it fails or is stopped, with the true reason', () => {
    const half = readAll(events.slice(0, 7));
    const failed = reduce(half, 8, { type: 'failed', code: 'engine_broken', message: 'Broke.', receipt, retry_after_s: null });
    expect(failed).toMatchObject({ phase: 'done', thought: 'Let me see.', ending: { kind: 'failed', code: 'engine_broken' } });
    const stopped = reduce(half, 8, { type: 'stopped', by: 'operator', receipt });
    expect(stopped.ending).toEqual({ kind: 'stopped', by: 'operator' });
  });

  it('says that an answer reached its limit', () => {
    expect(reduce(fresh, 1, { type: 'finished', reason: 'length', receipt }).ending).toEqual({ kind: 'finished', finish: 'length' });
  });

  it('shows tags of any dialect as the text they are', () => {
    const text = 'In <think> tags: </think> <|im_start|>';
    expect(reduce(fresh, 1, { type: 'answer_delta', text, tokens: 9 }).answer).toBe(text);
  });
});

const short = { budget: 256, full: 2048, waiting: 212 };

describe('the place in line', () => {
  const places = (...list: Queued[]): unknown[] => list.map((_event, index) => readAll(list.slice(0, index + 1)).place?.moved);

  it('says why it rose, until it is as low again', () => {
    const list = [queued(3, 7), queued(5, 9, { moved: 'lighter_first' }), queued(5, 8), queued(4, 8), queued(3, 8)];
    const risen = { why: 'lighter_first', from: 3 };
    expect(places(...list)).toEqual([null, risen, risen, risen, null]);
  });

  it('says it anew when it rises again', () => {
    const list = [queued(3, 7), queued(5, 9, { moved: 'lighter_first' }), queued(6, 9, { moved: 'came_back' })];
    expect(places(...list).at(-1)).toEqual({ why: 'came_back', from: 5 });
  });

  it('keeps the reason of one who had begun until it goes on', () => {
    const list = [...events.slice(2, 5), queued(1, 4, { moved: 'came_back' }), queued(1, 6)];
    expect(readAll(list).place?.moved).toEqual({ why: 'came_back', from: 0 });
  });

  it('keeps that one waits behind the others, as long as it is so', () => {
    const behind = queued(6, 9, { behind: true, resets_s: 3600, moved: 'within_quota' });
    expect(readAll([queued(3, 7), behind]).place).toMatchObject({ behind: true, resetsS: 3600, moved: { why: 'within_quota', from: 3 } });
    expect(readAll([queued(3, 7), behind, queued(2, 9)]).place).toMatchObject({ behind: false, resetsS: null, moved: null });
  });
});

describe('a turn that gives way', () => {
  const started = events[2]!;
  const gaveWay = queued(4, 12, { reason: 'gave_way', expected_s: 20 });

  it.each([
    [5, 'thinking'],
    [7, 'answering'],
  ] as const)('after %i events keeps what was said, and goes on %s', (cut, phase) => {
    const half = readAll(events.slice(0, cut));
    const paused = readAll([gaveWay, { ...gaveWay, position: 2 }], half, cut + 1);
    expect(paused).toMatchObject({ phase: 'waiting', paused: phase, place: { position: 2, reason: 'gave_way' } });
    expect([paused.thought, paused.answer]).toEqual([half.thought, half.answer]);
    const on = reduce(paused, cut + 3, { ...started, waited_s: 22, left_out: 0 } as TurnEvent);
    expect(on).toMatchObject({ phase, paused: null, place: null, waitedS: 22, leftOut: 4 });
  });

  it('before it said a word waits as it did at first', () => {
    const paused = readAll([started, gaveWay]);
    expect(paused).toMatchObject({ phase: 'waiting', paused: null });
    expect(reduce(paused, 3, started).phase).toBe('reading');
  });

  it('can be stopped while it waits', () => {
    const paused = readAll([...events.slice(0, 5), gaveWay]);
    expect(reduce(paused, 7, { type: 'stopped', by: 'person', receipt })).toMatchObject({ phase: 'done', paused: null, place: null });
  });
});

describe('a thought that was cut short for others', () => {
  const cut: TurnEvent = { type: 'shortened', budget: 512, full: 2048, waiting: 30 };

  it('is known as soon as it is told, by the last word', () => {
    expect(readAll([events[2]!, cut, { ...cut, ...short }]).shortened).toEqual(short);
  });

  it('is at last what the receipt says', () => {
    expect(readAll([cut, { type: 'finished', reason: 'stop', receipt: { ...receipt, shortened: short } }]).shortened).toEqual(short);
    expect(readAll([cut, { type: 'finished', reason: 'stop', receipt }]).shortened).toBeNull();
  });

  it('is known of a stored answer', () => {
    expect(viewOf({ ...message, receipt: { ...receipt, shortened: short } }).shortened).toEqual(short);
    expect(viewOf({ ...message, receipt: null }).shortened).toBeNull();
  });
});

describe('a shortened thought that may think on', () => {
  const cut: TurnEvent = { type: 'shortened', ...short };
  const on: TurnEvent = { type: 'lengthened', budget: 2048 };

  it('is short no more, and that is known until it ends', () => {
    expect(readAll([cut, events[3]!, on])).toMatchObject({ phase: 'thinking', shortened: null, lengthened: true });
    expect(readAll([cut, events[3]!, on, events.at(-1)!])).toMatchObject({ shortened: null, lengthened: false });
    expect(readAll([cut, on, cut])).toMatchObject({ shortened: short, lengthened: false });
  });
});

describe('a thought that was ended', () => {
  const ended: TurnEvent = { type: 'thought_ended', by: 'person' };

  it('is over at once, and the answer is what comes next', () => {
    const view = readAll([...events.slice(0, 5), ended]);
    expect(view).toMatchObject({ phase: 'answering', endedBy: 'person', thought: 'Let me see.', answer: '' });
    expect(reduce(view, 7, { type: 'reasoning_delta', text: ' So.', tokens: 0 })).toMatchObject({ phase: 'answering', thought: 'Let me see. So.' });
  });

  it('before it began leaves only the answer', () => {
    expect(readAll([...events.slice(0, 3), ended])).toMatchObject({ phase: 'answering', thought: '', endedBy: 'person' });
  });

  it('in line waits on, and then goes straight to the answer', () => {
    const inLine = readAll([...events.slice(0, 2), ended]);
    expect(inLine).toMatchObject({ phase: 'waiting', paused: null, endedBy: 'person', place: { position: 1 } });
    expect(reduce(inLine, 4, events[2]!)).toMatchObject({ phase: 'reading', endedBy: 'person' });
  });

  it('while it pauses goes on with the answer', () => {
    const paused = readAll([...events.slice(0, 5), queued(2, 9, { reason: 'gave_way' }), ended]);
    expect(paused).toMatchObject({ phase: 'waiting', paused: 'answering', endedBy: 'person' });
    expect(reduce(paused, 8, events[2]!).phase).toBe('answering');
  });

  it('that is told of late changes nothing of the answer', () => {
    const view = readAll([...events.slice(0, 7), ended]);
    expect(view).toMatchObject({ phase: 'answering', answer: '\nBlue ', endedBy: 'person' });
  });

  it.each(['person', 'budget', 'load'] as const)('by %s says so for good', (by) => {
    const last = { type: 'finished', reason: 'stop', receipt: { ...receipt, thought_ended: by } } as const;
    expect(readAll([...events.slice(0, 5), { type: 'thought_ended', by }, last]).endedBy).toBe(by);
    expect(viewOf({ ...message, receipt: last.receipt }).endedBy).toBe(by);
  });

  it('is the same wherever the stream was cut and replayed from', () => {
    const cut: TurnEvent = { type: 'shortened', ...short };
    const list = [events[0]!, events[2]!, cut, events[3]!, { type: 'lengthened', budget: 2048 } as const, ended, events[6]!];
    const whole = readAll(list);
    for (let at = 0; at <= list.length; at += 1) {
      for (let back = 0; back <= at; back += 1) expect(readAll(list.slice(back), readAll(list.slice(0, at)), back + 1)).toEqual(whole);
    }
  });
});

describe('a stored answer', () => {
  it('looks like one that was read to its end', () => {
    const view = viewOf(message);
    expect(view).toMatchObject({ phase: 'done', thought: 'Let me see.', answer: 'Blue sky.', receipt });
  });

  it('that still streams starts from nothing', () => {
    expect(viewOf({ ...message, status: 'streaming' })).toBe(fresh);
  });

  it('keeps its way of ending', () => {
    expect(viewOf({ ...message, status: 'interrupted' }).ending).toEqual({ kind: 'interrupted' });
    expect(viewOf({ ...message, status: 'stopped', stopped_by: 'operator' }).ending).toEqual({ kind: 'stopped', by: 'operator' });
    expect(viewOf({ ...message, finish_reason: 'length' }).ending).toEqual({ kind: 'finished', finish: 'length' });
    const error = { code: 'engine_stalled', message: 'Silent.' };
    expect(viewOf({ ...message, status: 'failed', error }).ending).toEqual({ kind: 'failed', ...error });
  });

  it('keeps how much of the conversation was not read', () => {
    expect(viewOf(message).leftOut).toBe(4);
  });

  it.each([
    events.at(-1)!,
    { type: 'finished', reason: 'length', receipt: { ...receipt, shortened: short } },
    { type: 'finished', reason: 'stop', receipt: { ...receipt, thought_ended: 'budget', thinking_budget: 3 } },
    { type: 'stopped', by: 'reader', receipt },
    { type: 'failed', code: 'engine_broken', message: 'Broke.', receipt, retry_after_s: null },
    { type: 'failed', code: 'interrupted', message: 'The site stopped.', receipt, retry_after_s: null },
  ] satisfies TurnEvent[])('shows the same as the turn that was read to its end: $type', (last) => {
    const { seq, waitedS, ...read } = readAll([...events.slice(0, -1), last]);
    expect(viewOf(settle(message, { ...read, seq, waitedS }))).toMatchObject(read);
  });

  it('is made from a turn that was read to its end', () => {
    const { reasoning: _, ...unread } = message;
    const blank: Message = { ...unread, content: '', has_thought: false, status: 'streaming', receipt: null, finish_reason: null, left_out: 0 };
    expect(settle(blank, { ...readAll(events), answer: 'Blue sky.' })).toEqual(message);
    expect(settle(blank, fresh)).toBe(blank);
  });
});

describe('the tail of a long thought', () => {
  it('is the whole of a short one', () => {
    expect(tail('short', 10)).toBe('short');
  });

  it('is bounded, and begins with a whole line where one is near', () => {
    expect(tail(`${'a'.repeat(50)}\nbbb${'c'.repeat(40)}`, 44)).toBe(`bbb${'c'.repeat(40)}`);
    expect(tail('a'.repeat(500), 100)).toHaveLength(100);
  });

  it('never cuts a character in two', () => {
    expect(tail(`${'\u{1f4a7}'.repeat(10)}`, 5)).toBe('\u{1f4a7}\u{1f4a7}');
  });
});
