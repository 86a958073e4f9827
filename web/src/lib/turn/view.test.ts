import { describe, expect, it } from 'vitest';
import type { Message, Receipt, TurnEvent } from '../services/wire';
import { fresh, reduce, settle, tail, viewOf, type TurnView } from './view';

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
};

const events: TurnEvent[] = [
  { type: 'queued', position: 3, waiting: 7, reason: 'busy' },
  { type: 'queued', position: 1, waiting: 5, reason: 'busy' },
  { type: 'started', model: 'm', replica: 'r', waited_s: 2, left_out: 4 },
  { type: 'reasoning_delta', text: 'Let me ', tokens: 2 },
  { type: 'reasoning_delta', text: 'see.', tokens: 1 },
  { type: 'answer_delta', text: '\n', tokens: 1 },
  { type: 'answer_delta', text: 'Blue ', tokens: 2 },
  { type: 'tool_call_delta', index: 0, arguments: '{}', id: null, name: null },
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
    expect(readAll(events.slice(0, 1)).place).toEqual({ position: 3, waiting: 7, reason: 'busy' });
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
    const failed = reduce(half, 8, { type: 'failed', code: 'engine_broken', message: 'Broke.', receipt });
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
    { type: 'finished', reason: 'length', receipt },
    { type: 'stopped', by: 'reader', receipt },
    { type: 'failed', code: 'engine_broken', message: 'Broke.', receipt },
    { type: 'failed', code: 'interrupted', message: 'The site stopped.', receipt },
  ] satisfies TurnEvent[])('shows the same as the turn that was read to its end: $type', (last) => {
    const { seq, waitedS, ...read } = readAll([...events.slice(0, -1), last]);
    expect(viewOf(settle(message, { ...read, seq, waitedS }))).toMatchObject(read);
  });

  it('is made from a turn that was read to its end', () => {
    const blank: Message = { ...message, content: '', reasoning: null, status: 'streaming', receipt: null, finish_reason: null, left_out: 0 };
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
