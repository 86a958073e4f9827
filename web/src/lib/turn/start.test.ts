import { describe, expect, it } from 'vitest';
import { about, atMost, isLate, minuteAfter, startOf, type Start } from './start';
import type { Place } from './view';

const at = (position: number, expectedS: number | null, more: Partial<Place> = {}): Place => ({
  ...{ position, waiting: 12, reason: 'busy', expectedS, p90S: null, moved: null, behind: false, resetsS: null },
  ...more,
});

/** Places told at these seconds, one after the other. */
function told(...list: [number, Place][]): (Start | null)[] {
  let before: { place: Place; start: Start } | null = null;
  return list.map(([second, place]) => {
    const start = startOf(place, second * 1000, before);
    before = start === null ? null : { place, start };
    return start;
  });
}

const starts = (list: (Start | null)[]): (number | undefined)[] => list.map((start) => start && start.at / 1000).map((s) => s ?? undefined);

describe('the expected start', () => {
  it('counts from the moment in which it was told', () => {
    expect(told([100, at(3, 20, { p90S: 60 })])).toEqual([{ at: 120_000, mostAt: 160_000, late: false }]);
    expect(told([100, at(3, null)])).toEqual([null]);
  });

  it('comes closer as soon as that is told', () => {
    expect(starts(told([0, at(3, 60)], [10, at(2, 20)]))).toEqual([60, 30]);
  });

  it('stays where it is while an estimate is only made again', () => {
    const list = told([0, at(3, 20)], [5, at(3, 19)], [10, at(3, 13)]);
    expect(starts(list)).toEqual([20, 20, 20]);
    expect(list.at(-1)?.late).toBe(false);
  });

  it('cannot creep: what is too much at once is too much by and by', () => {
    const list = told(...Array.from({ length: 20 }, (_none, second): [number, Place] => [second, at(3, 20)]));
    expect(list.slice(0, 6).map((start) => start?.at)).toEqual(Array(6).fill(20_000));
    const moved = list.filter((start, index) => start?.at !== list[index - 1]?.at && index > 0);
    expect(moved.length).toBeGreaterThan(0);
    expect(moved.every((start) => start?.late)).toBe(true);
  });

  it('moves later without more words where the place rose or another thing is waited for', () => {
    const [, rose] = told([0, at(3, 20)], [5, at(5, 60, { moved: { why: 'lighter_first', from: 3 } })]);
    expect(rose).toEqual({ at: 65_000, mostAt: null, late: false });
    const [, other] = told([0, at(3, 20)], [5, at(3, 60, { reason: 'engine_down' })]);
    expect(other?.late).toBe(false);
  });

  it('moves later only with the reason where the line gives none, and keeps it', () => {
    const list = told([0, at(3, 20)], [5, at(3, 60)], [10, at(2, 20)]);
    expect(starts(list)).toEqual([20, 65, 30]);
    expect(list.map((start) => start?.late)).toEqual([false, true, true]);
  });

  it('gives a reason for a bound that moves later, too', () => {
    const [, second] = told([0, at(3, 20, { p90S: 40 })], [5, at(3, 12, { p90S: 90 })]);
    expect(second).toEqual({ at: 17_000, mostAt: 95_000, late: true });
  });

  it('never moves later unseen, whatever is told', () => {
    let seed = 7;
    const random = (most: number): number => (seed = (seed * 48_271) % 2_147_483_647) % most;
    let before: { place: Place; start: Start } | null = null;
    for (let second = 0; second < 500; second += 1) {
      const place = at(3, random(90), { p90S: 90 + random(90) });
      const start: Start = startOf(place, second * 1000, before)!;
      const later = before !== null && (start.at > before.start.at || start.mostAt! > before.start.mostAt!);
      expect(start.late).toBe(later);
      before = { place, start: { ...start, late: false } };
    }
  });
});

it('is late when that was told, and when nine of ten would have started', () => {
  expect(isLate({ at: 5, mostAt: 10, late: false }, 9)).toBe(false);
  expect(isLate({ at: 5, mostAt: 10, late: false }, 10)).toBe(true);
  expect(isLate({ at: 5, mostAt: null, late: false }, 99)).toBe(false);
  expect(isLate({ at: 5, mostAt: null, late: true }, 0)).toBe(true);
});

describe('a time that is left', () => {
  it.each([
    [-5, null],
    [2.4, null],
    [2.6, [5, 'seconds']],
    [13, [15, 'seconds']],
    [57, [55, 'seconds']],
    [58, [1, 'minutes']],
    [89, [1, 'minutes']],
    [91, [2, 'minutes']],
    [100 * 60, [100, 'minutes']],
  ])('of %d seconds is told no closer than it is known', (seconds, expected) => {
    const span = about(seconds * 1000);
    expect(span && [span.count, span.unit]).toEqual(expected);
  });

  it.each([
    [0, null],
    [0.1, [5, 'seconds']],
    [41, [45, 'seconds']],
    [55.1, [1, 'minutes']],
    [60.1, [2, 'minutes']],
  ])('of at most %d seconds is never told as less', (seconds, expected) => {
    const span = atMost(seconds * 1000);
    expect(span && [span.count, span.unit]).toEqual(expected);
  });
});

describe('a minute of the clock', () => {
  it('is the first by which the time is over, however long the way of what was told', () => {
    const noon = Date.UTC(2026, 10, 27, 12);
    for (const [now, seconds] of [[noon - 60_000, 59.9], [noon - 60_000, 60], [noon - 59_000, 60], [noon - 31_000, 4]] as const) {
      expect(minuteAfter(now, seconds)).toBe(noon);
    }
    expect(minuteAfter(noon - 10_000, 15)).toBe(noon + 60_000);
  });
});
