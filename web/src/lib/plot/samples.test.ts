import { expect, it } from 'vitest';
import { joined, points, thinned } from './samples';

type Crowd = { running: number[] };
type Some = { every_s: number; at: number[]; all: Crowd; tiers: Record<string, Crowd>; first_p50: (number | null)[] };

const some = (at: number[], tiers: Record<string, Crowd>): Some => ({ every_s: 2, at, all: { running: at.map((one) => one % 7) }, tiers, first_p50: at.map(() => null) });

it('new samples are put behind the old ones, each once, and all columns stay equally long', () => {
  const kept = some([10, 20, 30], { visitor: { running: [1, 2, 3] } });
  const fresh = some([30, 40, 50], { member: { running: [9, 8, 7] } });
  const both = joined(kept, fresh);
  expect(both.at).toEqual([10, 20, 30, 40, 50]);
  expect(both.tiers).toEqual({ member: { running: [0, 0, 0, 8, 7] }, visitor: { running: [1, 2, 3, 0, 0] } });
  expect([both.all.running, both.first_p50].map((column) => column.length)).toEqual([5, 5]);
  expect(both.every_s).toBe(2);
});

it('what is too old to be shown is let go', () => {
  const both = joined(some([10, 20, 30], {}), some([100], {}), 75);
  expect(both.at).toEqual([30, 100]);
  expect(joined(some([10, 20], {}), some([5000], {}), 75).at).toEqual([5000]);
  expect(joined(some([], {}), some([], {})).at).toEqual([]);
  expect(joined(some([10], {}), some([], {})).at).toEqual([10]);
});

it('a column becomes points, with gaps where nothing is known', () => {
  expect(points([1, 2, 3], [10, null], 0.5)).toEqual([{ at: 1, value: 5 }, { at: 2, value: null }, { at: 3, value: null }]);
});

it('many points become few, each the mean of its neighbours, and gaps stay gaps', () => {
  const many = points([1, 2, 3, 4, 5, 6, 7], [1, 3, null, null, 5, null, 9]);
  expect(thinned(many, 4)).toEqual([{ at: 1, value: 1 }, { at: 3, value: 3 }, { at: 5, value: 5 }, { at: 7, value: 9 }]);
  expect(thinned(many, 7)).toEqual(many);
  expect(thinned([], 4)).toEqual([]);
  expect(thinned(points([1, 2], [null, null]), 1)).toEqual([{ at: 2, value: null }]);
});
