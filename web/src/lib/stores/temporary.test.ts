import { flushSync } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeSite, FakeSource } from '../../../tests/fakesite';
import type { Receipt, TurnEvent } from '../services/wire';
import { chat } from './chat.svelte';
import { effort } from './effort.svelte';
import { site as siteStore } from './site.svelte';

const receipt: Receipt = {
  ...{ turn_id: 't1', model: 'm', ending: 'finished', usage: { prompt: 1, cached: 0, reasoning: 1, answer: 1 } },
  ...{ waited_s: 0, first_token_s: 0, thinking_s: 5, seconds: 6, tokens_per_s: 1, gave_way_s: 0, shortened: null, thinking_budget: null, thought_ended: null, tier: 'visitor', behind: false, charge: null, energy: null, cost: null, mark: null },
};
const finished: TurnEvent = { type: 'finished', reason: 'stop', receipt };

let site: FakeSite;
let turns = 0;

beforeEach(async () => {
  site = new FakeSite();
  turns = 0;
  site.on('GET /api/site', { status: 200, body: { model: { efforts: [] } } });
  await siteStore.load();
  effort.choose('');
  site.on('GET /api/me/quota', { status: 200, body: { resets_at: '2026-11-28T00:00:00Z', tokens: null, money: null, cap_tokens: null, cap_money: null } });
  site.on('POST /api/turns', () => {
    turns += 1;
    return { status: 201, body: { turn_id: `t${turns}`, conversation_id: null, question_id: `q${turns}`, answer_id: `a${turns}` } };
  });
  history.replaceState(null, '', '/');
  chat.startNew();
  chat.beTemporary(true);
});

afterEach(() => {
  chat.startNew();
  vi.unstubAllGlobals();
});

const bodies = (): unknown[] => site.asked.filter(({ method, path }) => method === 'POST' && path === '/api/turns').map(({ body }) => body);
const shown = (): string[] => chat.path.map((message) => `${message.id}:${message.content}`);

async function answered(text: string): Promise<void> {
  FakeSource.last.send(1, { type: 'answer_delta', text, tokens: 1 });
  FakeSource.last.send(2, finished);
  await vi.waitFor(() => expect(chat.running).toBeUndefined());
  flushSync();
}

describe('a temporary conversation', () => {
  it('has no address and no place in the list, and tells the site what was said before', async () => {
    expect(await chat.ask('One?', null)).toBe(true);
    await answered('1.');
    expect(await chat.ask('Two?', 'a1')).toBe(true);
    expect(bodies()).toEqual([
      { temporary: true, text: 'One?', history: [] },
      { temporary: true, text: 'Two?', history: [{ role: 'user', text: 'One?' }, { role: 'assistant', text: '1.' }] },
    ]);
    expect([chat.id, location.pathname, chat.temporary]).toEqual([null, '/', true]);
    await answered('2.');
    expect(shown()).toEqual(['q1:One?', 'a1:1.', 'q2:Two?', 'a2:2.']);
    expect(site.paths('GET')).not.toContain('/api/shelf');
  });

  it('has branches: another answer, another question', async () => {
    await chat.ask('One?', null);
    await answered('1.');
    await chat.answerAgain('q1', true);
    await answered('I.');
    expect(shown()).toEqual(['q1:One?', 'a2:I.']);
    await chat.show('a1');
    expect(shown()).toEqual(['q1:One?', 'a1:1.']);
    await chat.ask('Uno?', null);
    expect(bodies().slice(1)).toEqual([
      { temporary: true, text: 'One?', history: [], full_thought: true },
      { temporary: true, text: 'Uno?', history: [] },
    ]);
    expect(site.paths('PATCH')).toEqual([]);
  });

  it('can only be begun before the first question', async () => {
    chat.beTemporary(false);
    expect(chat.temporary).toBe(false);
    chat.beTemporary(true);
    await chat.ask('One?', null);
    chat.beTemporary(false);
    expect(chat.temporary).toBe(true);
  });

  it('is over when one goes elsewhere, and what runs is stopped', async () => {
    await chat.ask('One?', null);
    chat.startNew();
    expect([chat.temporary, chat.path.length, chat.state]).toEqual([false, 0, 'empty']);
    expect(site.paths('POST')).toContain('/api/turns/t1/stop');
    expect(FakeSource.last.closed).toBe(true);
  });

  it('that was left while its question was sent does not run on for nobody', async () => {
    const sending = chat.ask('One?', null);
    chat.startNew();
    expect(await sending).toBe(true);
    expect(site.paths('POST')).toContain('/api/turns/t1/stop');
    expect(chat.path).toEqual([]);
  });

  it('whose events are gone keeps what came, and says that it was broken off', async () => {
    vi.useFakeTimers();
    await chat.ask('One?', null);
    FakeSource.last.send(1, { type: 'answer_delta', text: 'On', tokens: 1 });
    site.on('GET /api/turns/t1/events?after=1', { status: 404 });
    FakeSource.last.fail();
    await vi.advanceTimersByTimeAsync(2000);
    vi.useRealTimers();
    expect(chat.path[1]).toMatchObject({ content: 'On', status: 'interrupted' });
    expect([chat.state, chat.running]).toEqual(['ready', undefined]);
  });

  it('that the site refuses stays temporary, with nothing lost', async () => {
    site.on('POST /api/turns', { status: 503, body: { error: { code: 'line_full', message: '' } } });
    expect(await chat.ask('One?', null)).toBe(false);
    expect([chat.temporary, chat.state, chat.path.length]).toEqual([true, 'empty', 0]);
    expect(chat.problem).toContain('line is full');
  });
});
