import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeSite, FakeSource } from '../../../tests/fakesite';
import type { Message } from '../services/wire';
import { blank } from '../tree/blank';
import { abreast } from './abreast';
import { chat } from './chat.svelte';

const said = (id: string, parent: string | null, role: Message['role'], more: Partial<Message> = {}): Message => ({ ...blank(id, parent, role, '2026-11-21T10:00:00Z'), content: id, status: 'complete', ...more });
const q1 = said('q1', null, 'user');
const a1 = said('a1', 'q1', 'assistant');
const q2 = said('q2', 'a1', 'user', { created_at: '2026-11-21T10:01:00Z' });
const a2 = said('a2', 'q2', 'assistant', { created_at: '2026-11-21T10:01:01Z', status: 'streaming', turn_id: 't2', content: '' });
const PATH = 'GET /api/conversations/c1';
const stored = (...messages: Message[]): unknown => ({ id: 'c1', title: 'T', head_id: messages.at(-1)?.id, updated_at: '', messages });

let site: FakeSite;
let end: () => void;

beforeEach(async () => {
  vi.useFakeTimers();
  site = new FakeSite();
  site.on('GET /api/conversations', { status: 200, body: { items: [], next: null } });
  site.on(PATH, { status: 200, body: stored(q1, a1) });
  chat.startNew();
  await chat.open('c1');
  end = abreast.start();
});

afterEach(() => {
  end();
  chat.startNew();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const looks = (): number => site.asked.filter(({ path }) => path === '/api/conversations/c1').length;

describe('a page', () => {
  it('sees what was asked elsewhere, and follows its answer', async () => {
    const first = chat.messages[0];
    site.on(PATH, { status: 200, body: stored(q1, a1, q2, a2) });
    dispatchEvent(new Event('focus'));
    await vi.advanceTimersByTimeAsync(1);
    expect(chat.path.map(({ id }) => id)).toEqual(['q1', 'a1', 'q2', 'a2']);
    expect(chat.messages[0]).toBe(first);
    expect(FakeSource.last.url).toBe('/api/turns/t2/events');
    expect(chat.running?.turnId).toBe('t2');
  });

  it('looks now and then, and more seldom while nothing changes', async () => {
    site.on(PATH, { status: 304 });
    const before = looks();
    await vi.advanceTimersByTimeAsync(15_000);
    expect(looks()).toBe(before + 1);
    await vi.advanceTimersByTimeAsync(300_000);
    expect(looks() - before).toBeLessThan(10);
    expect(looks() - before).toBeGreaterThan(4);
  });

  it('learns that the conversation is gone', async () => {
    site.on(PATH, { status: 404, body: { error: { code: 'not_found', message: '' } } });
    dispatchEvent(new Event('online'));
    await vi.advanceTimersByTimeAsync(1);
    expect(chat.state).toBe('missing');
  });

  it('keeps what it shows while the site is away', async () => {
    site.answers.delete(PATH);
    dispatchEvent(new Event('focus'));
    await vi.advanceTimersByTimeAsync(1);
    expect(chat.state).toBe('ready');
    expect(chat.path).toHaveLength(2);
  });

  it('stays on the branch that it shows', async () => {
    const b1 = said('b1', 'q1', 'assistant', { created_at: '2026-11-21T10:02:00Z' });
    site.on(PATH, { status: 200, body: stored(q1, a1, b1) });
    dispatchEvent(new Event('focus'));
    await vi.advanceTimersByTimeAsync(1);
    expect(chat.path.map(({ id }) => id)).toEqual(['q1', 'a1']);
    expect(chat.messages).toHaveLength(3);
  });
});
