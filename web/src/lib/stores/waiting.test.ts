import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fresh, type Place } from '../turn/view';
import { behindInWords, lineAloud, reasonInWords } from './waiting';

const NOW = new Date(2026, 10, 27, 9, 0).getTime();
const place: Place = {
  ...{ position: 4, waiting: 7, reason: 'busy', expectedS: null, p90S: null, moved: null },
  ...{ behind: true, resetsS: 3600 },
};

beforeEach(() => void vi.useFakeTimers({ now: NOW }));
afterEach(() => void vi.useRealTimers());

describe('who waits behind the others', () => {
  it('is told why, and when that ends', () => {
    expect(behindInWords(place, NOW + 3_600_000)).toBe('Your quota is used up, so the others go first. It begins anew: 10:00.');
    expect(behindInWords(place, NOW + 86_400_000)).toContain('It begins anew: Sat, Nov 28, 09:00.');
    expect(behindInWords(place, null)).toBe('Your quota is used up, so the others go first.');
    expect(behindInWords({ ...place, behind: false }, null)).toBeNull();
  });

  it('is told who came in between', () => {
    const moved = { why: 'within_quota', from: 2 } as const;
    expect(reasonInWords({ ...place, moved }, null, NOW)).toBe('People who are within their quota came in between.');
  });

  it('hears it, too', () => {
    expect(lineAloud({ ...fresh, phase: 'waiting', place }, null, NOW, NOW + 3_600_000)).toBe(
      'You are number 4 of 7 in line. Your quota is used up, so the others go first. It begins anew: 10:00.',
    );
  });
});
