import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../services/api';
import { askOnce } from './asking';

const asked = { turn_id: 't', conversation_id: 'c', question_id: 'q', answer_id: 'a' };
let keys: (string | null)[];
let replies: (() => Response)[];

const lost = (): Response => {
  throw new TypeError('network');
};
const taken = (): Response => new Response(JSON.stringify(asked), { status: 201 });
const refused = (code: string, retry_after: number | null = null) => (): Response =>
  new Response(JSON.stringify({ error: { code, message: '', retry_after } }), { status: 409 });

beforeEach(() => {
  vi.useFakeTimers();
  keys = [];
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    if (path === '/api/site') return new Response('{}'); // it is asked whether the site can be reached
    keys.push(new Headers(init.headers).get('idempotency-key'));
    return (replies.shift() ?? taken)();
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function ask(content = 'x'): Promise<unknown> {
  const asking = askOnce({ content }).catch((error: unknown) => error);
  await vi.runAllTimersAsync();
  return asking;
}

describe('a question', () => {
  it('whose reply was lost is sent again under the same key', async () => {
    replies = [lost, refused('conflict', 1)];
    expect(await ask()).toEqual(asked);
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
  });

  it('that is sent again by hand after that has the key that it had; another has its own', async () => {
    replies = [lost, lost, lost];
    expect(await ask()).toBeInstanceOf(ApiError);
    expect(await ask()).toEqual(asked);
    expect(new Set(keys).size).toBe(1);
    await ask();
    expect(new Set(keys).size).toBe(2); // what was answered is a new wish when it is asked again
  });

  it('that was refused is not sent again by itself', async () => {
    replies = [refused('conflict')];
    expect(await ask()).toMatchObject({ code: 'conflict' });
    expect(keys).toHaveLength(1);
  });

  it('of which nothing is stored has no key and is sent once', async () => {
    replies = [lost];
    const asking = askOnce({ temporary: true, text: 'x', history: [] }).catch((error: unknown) => error);
    await vi.runAllTimersAsync();
    expect(await asking).toMatchObject({ code: 'unreachable' });
    expect(keys).toEqual([null]);
  });
});
