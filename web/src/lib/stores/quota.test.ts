import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeSite } from '../../../tests/fakesite';
import type { Amount, Quota } from '../services/account';
import { ApiError } from '../services/api';
import { quota } from './quota.svelte';

const amount = (limit: number, left: number): Amount => ({ limit, used: limit - left, held: 0, left });
const about = (more: Partial<Quota>): Quota => ({
  ...{ tier: 'visitor', when_over: 'behind', window_hours: 24, begins_at: '', resets_at: new Date(2026, 10, 28, 9, 30).toISOString() },
  ...{ currency: 'EUR', used_tokens: 0, used_money: 0, tokens: null, money: null, free: null, cap_tokens: null, cap_money: null },
  ...{ most_live: null, live: 0, most_thought: null },
  ...more,
});

let site: FakeSite;

beforeEach(() => {
  site = new FakeSite();
  vi.useFakeTimers({ now: new Date(2026, 10, 27, 9, 0) });
});

afterEach(() => {
  quota.about = null;
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('what is left of a quota', () => {
  it.each([
    [{}, null],
    [{ tokens: amount(1000, 200) }, null],
    [{ tokens: amount(1000, 199) }, 'Of your quota, 20% is left. It begins anew: Sat, Nov 28, 09:30.'],
    [{ tokens: amount(1000, 900), money: amount(1000, 41) }, 'Of your quota, 4.1% is left.'],
    [{ tokens: amount(1000, 900), cap_tokens: amount(500, 50) }, 'Of the bound that you set yourself, 10% is left.'],
    [{ tokens: amount(1000, 0) }, 'Your quota is used up: you are answered after the others.'],
    [{ money: amount(1000, 0), when_over: 'refuse' }, 'Your quota is used up. You can ask again: Sat, Nov 28, 09:30.'],
    [{ tokens: amount(1000, 0), cap_money: amount(9, 0) }, 'The bound that you set yourself is reached.'],
  ] as const)('%o is told as %s', (more, said) => {
    quota.about = about(more);
    if (said === null) expect(quota.note).toBeNull();
    else expect(quota.note).toContain(said);
  });

  it('is asked again when it begins anew, by who was told of it', async () => {
    site.on('GET /api/me/quota', { status: 200, body: about({ tokens: amount(10, 0) }) });
    await quota.load();
    site.on('GET /api/me/quota', { status: 200, body: about({ tokens: amount(10, 10), resets_at: new Date(2026, 10, 29).toISOString() }) });
    await vi.advanceTimersByTimeAsync(24 * 3_600_000);
    expect(site.paths('GET')).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(31 * 60_000);
    expect(site.paths('GET')).toHaveLength(2);
    expect(quota.note).toBeNull();
    await vi.advanceTimersByTimeAsync(48 * 3_600_000);
    expect(site.paths('GET')).toHaveLength(2);
  });

  it('is asked when a question was refused for want of it, and for nothing else', async () => {
    site.on('GET /api/me/quota', { status: 200, body: about({ begins_at: 'today', tokens: amount(1000, 3), when_over: 'refuse' }) });
    quota.refused(new ApiError('line_full', '', 503));
    expect(site.asked).toEqual([]);
    quota.refused(new ApiError('over_quota', '', 429));
    await vi.advanceTimersByTimeAsync(0);
    expect(site.paths('GET')).toEqual(['/api/me/quota']);
    expect(quota.note).toContain('Your quota is used up. You can ask again:');
    quota.about = about({ begins_at: 'tomorrow', tokens: amount(1000, 3), when_over: 'refuse' });
    expect(quota.note).toContain('0.3% is left');
  });
});
