import { createChallenge } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/sha';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeSite } from '../../../tests/fakesite';
import { proof as kept } from './proof.svelte';
import { solve } from '../services/proofsolver';
import type { Challenge } from '../services/wire';

/** As the site makes them (people/proofs.py), only cheaper. */
async function challenge(counter: number): Promise<Challenge> {
  const made = await createChallenge({ algorithm: 'SHA-256', cost: 5, counter, deriveKey, hmacSignatureSecret: 's', hmacKeySignatureSecret: 'k' });
  return made as unknown as Challenge;
}

/** A worker that calculates in the page; `silent`, one that never gets done. */
class FakeWorker {
  static all: FakeWorker[] = [];
  static silent = false;
  ended = false;
  onmessage: ((message: { data: unknown }) => void) | null = null;

  constructor() {
    FakeWorker.all.push(this);
  }

  postMessage(data: Challenge): void {
    if (!FakeWorker.silent) void solve(data).then((payload) => this.onmessage?.({ data: payload }));
  }

  terminate(): void {
    this.ended = true;
  }
}

describe('solving', () => {
  it('finds the number that the site drew, without crypto.subtle', async () => {
    const asked = await challenge(37);
    vi.stubGlobal('crypto', {});
    const payload = await solve(asked);
    vi.unstubAllGlobals();
    const sent = JSON.parse(atob(payload ?? '')) as { challenge: Challenge; solution: { counter: number; derivedKey: string } };
    expect(sent.challenge).toEqual(asked);
    expect(sent.solution.counter).toBe(37);
    expect(sent.solution.derivedKey.startsWith(asked.parameters.keyPrefix)).toBe(true);
  });
});

describe('a proof of work', () => {
  let site: FakeSite;
  let hidden = false;
  // The store is one for the page: each test needs its own.
  let proof: typeof kept;

  const given = (): unknown[] => site.asked.filter(({ method }) => method === 'POST').map(({ body }) => body);
  const offers = (): number => site.paths('GET').length;

  beforeEach(async () => {
    site = new FakeSite();
    FakeWorker.all = [];
    FakeWorker.silent = false;
    hidden = false;
    vi.stubGlobal('Worker', FakeWorker);
    vi.spyOn(document, 'hidden', 'get').mockImplementation(() => hidden);
    vi.resetModules();
    proof = (await import('./proof.svelte')).proof;
    site.on('POST /api/proof', { status: 200, body: { proven_until: '2026-11-27T12:00:00.000Z' } });
  });

  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  const busy = async (): Promise<void> =>
    site.on('GET /api/proof', { status: 200, body: { needed: true, challenge: await challenge(20), why: 'busy' } });

  it('is solved in a worker and given to the site', async () => {
    await busy();
    await proof.look();
    expect(given()).toEqual([{ payload: expect.any(String) }]);
    expect(FakeWorker.all.map(({ ended }) => ended)).toEqual([true]);
    expect(proof.working).toBe(false);
  });

  it('is not worked for where it is quiet, and the site is not asked again at once', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    site.on('GET /api/proof', { status: 200, body: { needed: false, challenge: null, why: 'quiet' } });
    await proof.look();
    await proof.look();
    expect([offers(), FakeWorker.all.length]).toEqual([1, 0]);
    vi.setSystemTime(Date.now() + 61_000);
    await proof.look();
    expect(offers()).toBe(2);
  });

  it('is never asked for again by a member', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    site.on('GET /api/proof', { status: 200, body: { needed: false, challenge: null, why: 'known' } });
    await proof.look();
    vi.setSystemTime(Date.now() + 86_400_000);
    await proof.look();
    expect(offers()).toBe(1);
  });

  it('stops when the page is hidden, and begins anew when it is seen', async () => {
    await busy();
    FakeWorker.silent = true;
    const looking = proof.look();
    await vi.waitFor(() => expect(proof.working).toBe(true));
    hidden = true;
    proof.shownOrHidden();
    await looking;
    expect([proof.working, FakeWorker.all[0]?.ended, given().length]).toEqual([false, true, 0]);
    await proof.look();
    expect(offers()).toBe(1);
    hidden = false;
    FakeWorker.silent = false;
    proof.shownOrHidden();
    await vi.waitFor(() => expect(given()).toHaveLength(1));
  });

  it('that cannot be had changes nothing', async () => {
    await busy();
    vi.stubGlobal('Worker', undefined);
    await proof.look();
    expect([proof.working, given().length]).toEqual([false, 0]);
    site.answers.delete('GET /api/proof');
    await proof.look();
    expect(proof.working).toBe(false);
  });
});
