import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeSite, FakeSource } from '../../../tests/fakesite';
import type { Receipt, TurnEvent } from '../services/wire';
import { chat } from './chat.svelte';
import { MOST, queue } from './queue.svelte';
import { addToQueue } from './queueing';
import { site as siteStore } from './site.svelte';

const receipt = { turn_id: 't1', model: 'm', ending: 'finished', usage: { prompt: 1, cached: 0, reasoning: 0, answer: 1 }, waited_s: 3 } as unknown as Receipt;
const asked = (n: number): unknown => ({ turn_id: `t${n}`, conversation_id: 'c1', question_id: `q${n}`, answer_id: `a${n}` });
let site: FakeSite;

beforeEach(async () => {
  sessionStorage.clear();
  site = new FakeSite();
  site.on('GET /api/site', { status: 200, body: { model: { efforts: [] } } });
  site.on('GET /api/conversations', { status: 200, body: { items: [], next: null } });
  await siteStore.load();
  let count = 0;
  site.on('POST /api/turns', () => ({ status: 201, body: asked((count += 1)) }));
  history.replaceState(null, '', '/');
  chat.startNew();
  queue.follow(chat.visit, chat.id);
});

afterEach(() => {
  chat.startNew();
  vi.unstubAllGlobals();
});

const end = (event: TurnEvent): void => FakeSource.last.send(1, event);
const finished: TurnEvent = { type: 'finished', reason: 'stop', receipt };
const sent = (): unknown[] => site.asked.filter(({ path }) => path === '/api/turns').map(({ body }) => (body as { content: string }).content);

async function begun(...texts: string[]): Promise<void> {
  await chat.ask('one', null);
  queue.follow(chat.visit, chat.id);
  for (const text of texts) expect(queue.add(text)).toBe(true);
}

describe('questions that wait', () => {
  it('are asked one after the other, each below the answer before it', async () => {
    await begun('two', 'three');
    end(finished);
    await vi.waitFor(() => expect(chat.running?.turnId).toBe('t2'));
    expect(queue.items.map(({ text }) => text)).toEqual(['three']);
    end(finished);
    await vi.waitFor(() => expect(chat.running?.turnId).toBe('t3'));
    expect(sent()).toEqual(['one', 'two', 'three']);
    expect(site.asked.filter(({ path }) => path === '/api/turns').at(-1)?.body).toMatchObject({ conversation_id: 'c1', parent_id: 'a2' });
    expect(queue.items).toEqual([]);
    expect(sessionStorage.length).toBe(0);
  });

  it('wait in the order in which they were sent, also while the words to tell of it come', async () => {
    await begun();
    await Promise.all(['two', 'three', 'four'].map((text) => addToQueue(text, [])));
    expect(queue.items.map(({ text }) => text)).toEqual(['two', 'three', 'four']);
  });

  it.each([
    ['stopped', { type: 'stopped', by: 'person', receipt }],
    ['failed', { type: 'failed', code: 'engine_broken', message: '', receipt, retry_after_s: null }],
  ] as const)('are kept when the answer %s, until they are sent', async (held, event) => {
    await begun('two');
    end(event as TurnEvent);
    expect(queue.held).toBe(held);
    expect(sent()).toEqual(['one']);
    await queue.sendNow();
    expect(sent()).toEqual(['one', 'two']);
    expect(queue.items).toEqual([]);
  });

  it('come back when the site refuses them, in their place', async () => {
    await begun('two', 'three');
    site.on('POST /api/turns', { status: 429, body: { error: { code: 'line_full', message: 'Full.', retry_after: 5 } } });
    end(finished);
    await vi.waitFor(() => expect(queue.held).toBe('refused'));
    expect(queue.items.map(({ text }) => text)).toEqual(['two', 'three']);
    expect(chat.problem).toContain('line is full');
  });

  it('are few, and can be changed and removed', async () => {
    await begun(...Array.from({ length: MOST }, (_, index) => `n${index}`));
    expect(queue.add('too many')).toBe(false);
    const [first, second] = queue.items;
    queue.edit(first?.key ?? '', 'other');
    queue.remove(second?.key ?? '');
    expect(queue.items.map(({ text }) => text)).toEqual(['other', 'n2', 'n3', 'n4']);
    expect(queue.items[0]?.key).not.toBe(first?.key);
  });

  it('are there after a reload, and not asked for an answer that ended meanwhile', async () => {
    await begun('two');
    chat.startNew();
    queue.follow(chat.visit, chat.id);
    expect(queue.items).toEqual([]);
    site.on('GET /api/conversations/c1', { status: 200, body: { id: 'c1', title: '', head_id: null, updated_at: '', messages: [] } });
    await chat.open('c1');
    queue.follow(chat.visit, chat.id);
    queue.settle();
    expect(queue.items.map(({ text }) => text)).toEqual(['two']);
    expect(queue.held).toBe('away');
  });

  it('of a temporary conversation are kept nowhere, and go with it', async () => {
    chat.beTemporary(true);
    site.on('POST /api/turns', { status: 201, body: { turn_id: 't1', conversation_id: null, question_id: 'q1', answer_id: 'a1' } });
    await begun('two');
    expect(sessionStorage.length).toBe(0);
    chat.startNew();
    queue.follow(chat.visit, chat.id);
    expect(queue.items).toEqual([]);
  });

  it('of damaged storage are none', () => {
    sessionStorage.setItem('thinkwell.queue.c9', '[{"key":1},null,"x"]');
    sessionStorage.setItem('thinkwell.queue.c8', '{nonsense');
    for (const id of ['c9', 'c8']) {
      chat.startNew();
      queue.follow(chat.visit, id);
      expect(queue.items).toEqual([]);
    }
  });
});
