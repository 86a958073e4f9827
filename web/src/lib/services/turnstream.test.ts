import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeSite, FakeSource } from '../../../tests/fakesite';
import { readTurn } from './turnstream';
import type { Receipt, TurnEvent } from './wire';

const delta: TurnEvent = { type: 'answer_delta', text: 'x', tokens: 1 };
const finished: TurnEvent = { type: 'finished', reason: 'stop', receipt: {} as Receipt };

let site: FakeSite;
const open: (() => void)[] = [];
const reader = { event: vi.fn(), connected: vi.fn(), gone: vi.fn() };

beforeEach(() => {
  vi.useFakeTimers();
  vi.clearAllMocks();
  site = new FakeSite();
});

afterEach(() => {
  for (const close of open.splice(0)) close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const lose = async (): Promise<void> => {
  FakeSource.last.fail();
  await vi.advanceTimersByTimeAsync(1000);
};

describe('the stream of a turn', () => {
  it('starts from the beginning, or after what is known', () => {
    open.push(readTurn('t1', 0, reader));
    expect(FakeSource.last.url).toBe('/api/turns/t1/events');
    open.push(readTurn('t1', 7, reader));
    expect(FakeSource.last.url).toBe('/api/turns/t1/events?after=7');
  });

  it('closes with the last event', () => {
    open.push(readTurn('t1', 0, reader));
    FakeSource.last.send(1, delta);
    expect(FakeSource.last.closed).toBe(false);
    FakeSource.last.send(2, finished);
    expect(FakeSource.last.closed).toBe(true);
    expect(reader.event.mock.calls).toEqual([[1, delta], [2, finished]]);
    expect(reader.gone).not.toHaveBeenCalled();
  });

  it('goes on after the last event that it read when the line was lost', async () => {
    site.on('GET /api/turns/t1/events?after=3', { status: 200 });
    open.push(readTurn('t1', 0, reader));
    FakeSource.last.send(3, delta);
    await lose();
    expect(reader.connected).toHaveBeenCalledWith(false);
    expect(FakeSource.all.map((source) => source.url)).toEqual(['/api/turns/t1/events', '/api/turns/t1/events?after=3']);
  });

  it.each([
    [204, 'ended'],
    [404, 'missing'],
    [410, 'expired'],
  ])('ends when the site answers %i', async (status, why) => {
    site.on('GET /api/turns/t1/events', { status });
    open.push(readTurn('t1', 0, reader));
    await lose();
    expect(reader.gone).toHaveBeenCalledExactlyOnceWith(why);
    expect(FakeSource.all).toHaveLength(1);
  });

  it('asks again and again, more and more seldom, while nobody answers', async () => {
    open.push(readTurn('t1', 0, reader));
    FakeSource.last.fail();
    await vi.advanceTimersByTimeAsync(60_000);
    const tries = site.asked.length;
    expect(tries).toBeGreaterThan(4);
    expect(tries).toBeLessThan(12);
    expect(reader.gone).not.toHaveBeenCalled();
  });

  it('asks at once when the device is online again', async () => {
    site.on('GET /api/turns/t1/events', { status: 200 });
    open.push(readTurn('t1', 0, reader));
    FakeSource.last.fail();
    dispatchEvent(new Event('online'));
    await vi.advanceTimersByTimeAsync(0);
    expect(FakeSource.all).toHaveLength(2);
  });

  it('is silent once it was closed', async () => {
    const close = readTurn('t1', 0, reader);
    FakeSource.last.fail();
    close();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(site.asked).toHaveLength(0);
    expect(reader.gone).not.toHaveBeenCalled();
  });
});
