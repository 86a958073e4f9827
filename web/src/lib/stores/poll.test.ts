import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../services/api';
import { Poll } from './poll.svelte';

let visible = true;
let answers: (() => Promise<number>)[] = [];
let asked = 0;
const ask = (): Promise<number> => {
  asked += 1;
  return (answers.shift() ?? (() => Promise.resolve(asked)))();
};
const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const seen = (is: boolean): void => {
  visible = is;
  document.dispatchEvent(new Event('visibilitychange'));
};

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  visible = true;
  answers = [];
  asked = 0;
  vi.spyOn(document, 'visibilityState', 'get').mockImplementation(() => (visible ? 'visible' : 'hidden'));
});
afterEach(() => void vi.useRealTimers());

describe('asking again and again', () => {
  it('begins at once, and ends when nobody looks any more', async () => {
    const poll = new Poll(ask, 3000);
    const end = poll.watch();
    await pass(0);
    expect([poll.value, poll.stale, asked]).toEqual([1, false, 1]);
    await pass(7000);
    expect([poll.value, asked]).toEqual([3, 3]);
    end();
    await pass(60_000);
    expect(asked).toBe(3);
  });

  it('rests while the page cannot be seen, and asks when it can again', async () => {
    const poll = new Poll(ask, 3000);
    const end = poll.watch();
    await pass(0);
    seen(false);
    await pass(60_000);
    expect(asked).toBe(1);
    seen(true);
    await pass(0);
    expect(asked).toBe(2);
    end();
  });

  it('says that what it has is old, and what is wrong, until the site answers again', async () => {
    const poll = new Poll(ask, 3000);
    const end = poll.watch();
    await pass(0);
    const away = (): Promise<number> => Promise.reject(new ApiError('unreachable', 'The site cannot be reached.', 0));
    answers = Array.from({ length: 5 }, () => away);
    await pass(6000);
    expect([poll.value, poll.problem?.code, poll.stale]).toEqual([1, 'unreachable', false]);
    await pass(8000);
    expect([poll.value, poll.stale]).toEqual([1, true]);
    await pass(6000);
    expect([poll.problem, poll.stale]).toEqual([null, false]);
    end();
  });

  it('asks anew where an answer never comes, and takes no late one', async () => {
    let late: ((value: number) => void) | undefined;
    answers = [() => new Promise((resolve) => (late = resolve))];
    const poll = new Poll(ask, 3000);
    const end = poll.watch();
    await pass(14_000);
    expect([poll.value, asked]).toEqual([null, 1]);
    await pass(2000);
    expect([poll.value, asked]).toEqual([2, 2]);
    late?.(99);
    await pass(0);
    expect(poll.value).toBe(2);
    end();
  });
});
