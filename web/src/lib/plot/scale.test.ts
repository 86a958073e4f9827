import { describe, expect, it } from 'vitest';
import { bars, highest, line, linear, lowest, nearest, ticks } from './scale';

describe('the values beside a plot', () => {
  it.each([
    [0, [0, 1]],
    [1, [0, 0.5, 1]],
    [7, [0, 2, 4, 6, 8]],
    [0.004, [0, 0.001, 0.002, 0.003, 0.004]],
    [1234, [0, 500, 1000, 1500]],
    [Number.NaN, [0, 1]],
    [Number.POSITIVE_INFINITY, [0, 1]],
  ])('are round, and reach up to %s', (most, expected) => {
    expect(ticks(most)).toEqual(expected);
  });

  it('reach over any height, and are few', () => {
    for (let most = 1e-6; most < 1e12; most *= 1.37) {
      const found = ticks(most);
      expect(found.at(-1) ?? 0).toBeGreaterThanOrEqual(most * (1 - 1e-9));
      expect(found.length).toBeLessThanOrEqual(6);
    }
  });
});

describe('values below nothing', () => {
  it.each([
    [1, -0.3, [-0.5, 0, 0.5, 1]],
    [0, -7, [-8, -6, -4, -2, 0]],
    [10, 3, [0, 5, 10]],
    [-2, -3, [-3, -2, -1, 0]],
  ])('have their place too: up to %s, down to %s', (most, least, expected) => {
    expect(ticks(most, least)).toEqual(expected);
  });

  it('are found, and nothing is the lowest where there are none', () => {
    expect(lowest([[{ at: 0, value: 2 }, { at: 1, value: null }], [{ at: 0, value: -4 }]])).toBe(-4);
    expect(lowest([[{ at: 0, value: 2 }]])).toBe(0);
  });
});

describe('a line', () => {
  const same = (value: number): number => value;

  it('breaks where nothing is known', () => {
    const points = [{ at: 0, value: 1 }, { at: 1, value: 2 }, { at: 2, value: null }, { at: 3, value: 4 }];
    expect(line(points, same, same)).toBe('M0.0 1.0L1.0 2.0M3.0 4.0h0');
    expect(line([], same, same)).toBe('');
  });

  it('may be a row of bars instead, from the ground up', () => {
    expect(bars([{ at: 0, value: 2 }, { at: 1, value: null }, { at: 2, value: 0 }], same, (value) => 10 - value)).toBe('M0.0 10.0V8.0M2.0 10.0V10.0');
  });

  it('lies in the middle where there is no range', () => {
    expect(linear([5, 5], [0, 10])(5)).toBe(5);
    expect(linear([0, 10], [100, 0])(2.5)).toBe(75);
  });
});

describe('looking for a point', () => {
  const points = [0, 10, 20, 40].map((at) => ({ at, value: at }));

  it('finds the nearest in time', () => {
    expect([-5, 4, 6, 15, 29, 31, 99].map((at) => nearest(points, at))).toEqual([0, 0, 1, 1, 2, 3, 3]);
    expect(nearest([], 1)).toBe(-1);
  });

  it('knows the highest of several series, leaving out what is not known', () => {
    expect(highest([points, [{ at: 1, value: null }, { at: 2, value: 99 }]])).toBe(99);
    expect(highest([])).toBe(0);
  });
});
