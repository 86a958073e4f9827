import { flushSync } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeSite, FakeSource } from '../../../tests/fakesite';
import type { Message, Receipt, TurnEvent } from '../services/wire';
import { announcer } from './announcer.svelte';
import { chat } from './chat.svelte';
import { effort } from './effort.svelte';
import { site as siteStore } from './site.svelte';

const receipt: Receipt = {
  ...{ turn_id: 't1', model: 'm', ending: 'finished', usage: { prompt: 1, cached: 0, reasoning: 1, answer: 1 } },
  ...{ waited_s: 0, first_token_s: 0, thinking_s: 5, seconds: 6, tokens_per_s: 1, gave_way_s: 0, shortened: null, thinking_budget: null, thought_ended: null, tier: 'visitor', behind: false, charge: null, energy: null, cost: null, mark: null },
};
const asked = { turn_id: 't1', conversation_id: 'c1', question_id: 'q1', answer_id: 'a1' };
const question: Message = {
  ...{ id: 'q1', parent_id: null, role: 'user', content: 'Why?', has_thought: false, status: 'complete' },
  ...{ turn_id: null, error: null, receipt: null, created_at: '2026-11-21T10:00:00Z' },
  ...{ finish_reason: null, stopped_by: null, left_out: 0 },
};
const streaming: Message = { ...question, id: 'a1', parent_id: 'q1', role: 'assistant', content: '', status: 'streaming', turn_id: 't1' };
const stored = (messages: Message[], head_id: string): unknown => ({ id: 'c1', title: 'Why?', head_id, updated_at: '2026-11-21T10:00:00Z', messages });

let site: FakeSite;

beforeEach(async () => {
  site = new FakeSite();
  site.on('GET /api/site', { status: 200, body: { model: { efforts: ['none', 'low', 'max'] } } });
  await siteStore.load();
  effort.choose('');
  site.on('GET /api/shelf', { status: 200, body: { pinned: [], folders: [], items: [], next: null } });
  site.on('POST /api/turns', { status: 201, body: asked });
  history.replaceState(null, '', '/');
  chat.startNew();
});

afterEach(() => {
  chat.startNew();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const send = (...events: TurnEvent[]): void => events.forEach((event, index) => FakeSource.last.send(index + 1, event));
const shown = (): string[] => chat.path.map((message) => `${message.id}:${message.content}`);

describe('a question', () => {
  it('is shown at once, gets its address, and its answer is kept when it ends', async () => {
    const sending = chat.ask('Why?', null);
    expect(chat.path.map(({ role }) => role)).toEqual(['user', 'assistant']);
    expect(await sending).toBe(true);
    expect(location.pathname).toBe('/c/c1');
    expect(chat.running?.turnId).toBe('t1');
    send({ type: 'reasoning_delta', text: 'Hm.', tokens: 1 }, { type: 'answer_delta', text: 'So.', tokens: 1 }, { type: 'finished', reason: 'length', receipt });
    await vi.waitFor(() => expect(chat.running).toBeUndefined());
    expect(shown()).toEqual(['q1:Why?', 'a1:So.']);
    expect(chat.path[1]).toMatchObject({ reasoning: 'Hm.', status: 'complete', finish_reason: 'length', receipt });
  });

  it('that the site refuses leaves everything as it was, and says why', async () => {
    site.on('POST /api/turns', { status: 429, body: { error: { code: 'line_full', message: 'Full.', param: null, retry_after: 5 } } });
    expect(await chat.ask('Why?', null)).toBe(false);
    expect(chat.path).toEqual([]);
    expect(chat.state).toBe('empty');
    expect(chat.problem).toContain('line is full');
  });

  it('that the network swallowed says so', async () => {
    site.answers.delete('POST /api/turns');
    expect(await chat.ask('Why?', null)).toBe(false);
    expect(chat.problem).toContain('cannot be reached');
  });

  it('is asked with the effort that was chosen on this device, where the model knows it', async () => {
    const bodies = (): unknown[] => site.asked.filter(({ path }) => path === '/api/turns').map(({ body }) => body);
    effort.choose('low');
    await chat.ask('Why?', null);
    expect(localStorage.getItem('thinkwell.effort')).toBe('low');
    effort.choose('medium'); // of another model
    expect(effort.chosen).toBeNull();
    await chat.answerAgain('q1', true);
    expect(bodies()).toEqual([
      { content: 'Why?', effort: 'low' },
      { conversation_id: 'c1', regenerate: 'q1', full_thought: true },
    ]);
  });

  it('with no effort is not expected to think', async () => {
    await chat.ask('Why?', null);
    expect(chat.running?.expectsThought).toBe(true);
    chat.startNew();
    effort.choose('none');
    await chat.ask('Why?', null);
    expect(chat.running?.expectsThought).toBe(false);
  });

  it('never sends half a character', async () => {
    await chat.ask('a\ud83d', null);
    expect(site.asked.find(({ method }) => method === 'POST')?.body).toEqual({ content: 'a\ufffd' });
  });

  it('is told to a screen reader by its steps, not its tokens', async () => {
    await chat.ask('Why?', null);
    const said: string[] = [];
    const hear = (): void => {
      flushSync();
      if (said.at(-1) !== announcer.said) said.push(announcer.said);
    };
    const events: TurnEvent[] = [
      ...[1, 2, 3].map((): TurnEvent => ({ type: 'reasoning_delta', text: 'x', tokens: 1 })),
      ...[1, 2, 3].map((): TurnEvent => ({ type: 'answer_delta', text: 'y', tokens: 1 })),
      { type: 'finished', reason: 'stop', receipt },
    ];
    events.forEach((event, index) => {
      FakeSource.last.send(index + 1, event);
      hear();
    });
    expect(said).toEqual(['Thinking', 'Thought for less than a second; answering', 'Answer finished']);
  });
});

describe('a conversation', () => {
  it('that is opened in mid-answer reads the turn from its start', async () => {
    site.on('GET /api/conversations/c1', { status: 200, body: stored([question, streaming], 'a1') });
    await chat.open('c1');
    expect(FakeSource.last.url).toBe('/api/turns/t1/events');
    send({ type: 'answer_delta', text: 'So.', tokens: 1 }, { type: 'stopped', by: 'person', receipt });
    await vi.waitFor(() => expect(chat.path[1]).toMatchObject({ status: 'stopped', content: 'So.' }));
  });

  it('is read again when the events of its turn are no longer kept', async () => {
    vi.useFakeTimers();
    site.on('GET /api/conversations/c1', { status: 200, body: stored([question, streaming], 'a1') });
    site.on('GET /api/turns/t1/events', { status: 410 });
    await chat.open('c1');
    const done = { ...streaming, status: 'interrupted', content: 'So far' } as const;
    site.on('GET /api/conversations/c1', { status: 200, body: stored([question, done], 'a1') });
    FakeSource.last.fail();
    await vi.advanceTimersByTimeAsync(1000);
    expect(chat.path[1]).toMatchObject({ status: 'interrupted', content: 'So far' });
    expect(chat.running).toBeUndefined();
  });

  it('of somebody else does not exist', async () => {
    site.on('GET /api/conversations/c1', { status: 404, body: { error: { code: 'not_found', message: 'No.' } } });
    await chat.open('c1');
    expect(chat.state).toBe('missing');
  });

  it('remembers the version that was chosen', async () => {
    const first = { ...streaming, status: 'complete', content: 'one', turn_id: null } as const;
    const second = { ...first, id: 'a2', content: 'two', created_at: '2026-11-21T10:00:09Z' };
    site.on('GET /api/conversations/c1', { status: 200, body: stored([question, first, second], 'a2') });
    site.on('PATCH /api/conversations/c1', { status: 200, body: {} });
    await chat.open('c1');
    expect(shown()).toEqual(['q1:Why?', 'a2:two']);
    await chat.show('a1');
    expect(shown()).toEqual(['q1:Why?', 'a1:one']);
    expect(site.asked.at(-1)).toMatchObject({ method: 'PATCH', body: { head_id: 'a1' } });
  });

  it('gets another answer beside the first', async () => {
    const first = { ...streaming, status: 'complete', content: 'one', turn_id: null } as const;
    site.on('GET /api/conversations/c1', { status: 200, body: stored([question, first], 'a1') });
    site.on('POST /api/turns', { status: 201, body: { ...asked, turn_id: 't2', answer_id: 'a2' } });
    await chat.open('c1');
    await chat.answerAgain('q1');
    expect(site.asked.find(({ method }) => method === 'POST')?.body).toEqual({ conversation_id: 'c1', regenerate: 'q1' });
    expect(shown()).toEqual(['q1:Why?', 'a2:']);
  });

  it('gets an answer with its full thought where that is wanted', async () => {
    const first = { ...streaming, status: 'complete', content: 'one', turn_id: null } as const;
    site.on('GET /api/conversations/c1', { status: 200, body: stored([question, first], 'a1') });
    site.on('POST /api/turns', { status: 201, body: { ...asked, turn_id: 't2', answer_id: 'a2' } });
    await chat.open('c1');
    await chat.answerAgain('q1', true);
    const body = { conversation_id: 'c1', regenerate: 'q1', full_thought: true };
    expect(site.asked.find(({ method }) => method === 'POST')?.body).toEqual(body);
  });

  it('that is left closes its streams and hears no more of them', async () => {
    await chat.ask('Why?', null);
    const source = FakeSource.last;
    chat.startNew();
    expect(source.closed).toBe(true);
    expect(chat.path).toEqual([]);
  });

  it('asks the site to stop, once', async () => {
    site.on('POST /api/turns/t1/stop', { status: 204 });
    await chat.ask('Why?', null);
    await Promise.all([chat.stop(), chat.stop()]);
    expect(site.paths('POST').filter((path) => path.endsWith('/stop'))).toHaveLength(1);
    expect(chat.running?.stopping).toBe(true);
  });
});
