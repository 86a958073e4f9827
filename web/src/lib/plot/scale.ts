/** Where the points of a plot lie. Pure: data and sizes in, numbers and paths out. */

/** `at` in milliseconds since 1970 (or any number that grows); `value` null where nothing is known. */
export type Point = { at: number; value: number | null };

/** Round values from 0, or from below `least` where that is less, to at least `most`: 1, 2 or 5 times a power of ten apart, about `count` of them. */
export function ticks(most: number, least = 0, count = 4): number[] {
  const [low, high] = [Math.min(least, 0), Math.max(most, 0)];
  const span = high - low;
  if (!(span > 0) || !Number.isFinite(span)) return [0, 1];
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((value) => value >= rough * (1 - 1e-9)) ?? 10 * power;
  const first = Math.floor(low / step + 1e-9);
  const steps = Math.ceil(high / step - 1e-9) - first;
  return Array.from({ length: steps + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

const extreme = (of: (one: number, other: number) => number) => (series: readonly (readonly Point[])[]): number =>
  series.reduce((found, points) => points.reduce((most, point) => of(most, point.value ?? 0), found), 0);

export const highest = extreme(Math.max);
/** 0 where nothing is below it. */
export const lowest = extreme(Math.min);

/** From a range of data to a range of the picture. A range of nothing lies in the middle. */
export function linear(from: readonly [number, number], to: readonly [number, number]): (value: number) => number {
  const span = from[1] - from[0];
  if (span === 0) return () => (to[0] + to[1]) / 2;
  return (value) => to[0] + ((value - from[0]) / span) * (to[1] - to[0]);
}

/** An SVG path through the points; it breaks where nothing is known. One that stands alone is a dot. */
export function line(points: readonly Point[], x: (at: number) => number, y: (value: number) => number): string {
  let path = '';
  let drawn = 0;
  for (const { at, value } of [...points, { at: 0, value: null }]) {
    if (value === null) {
      if (drawn === 1) path += 'h0';
      drawn = 0;
      continue;
    }
    path += `${drawn > 0 ? 'L' : 'M'}${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
    drawn += 1;
  }
  return path;
}

/** A bar for each value that is known: lines from the ground up, to be drawn as wide as there is room. */
export const bars = (points: readonly Point[], x: (at: number) => number, y: (value: number) => number): string =>
  points.map(({ at, value }) => (value === null ? '' : `M${x(at).toFixed(1)} ${y(0).toFixed(1)}V${y(value).toFixed(1)}`)).join('');

/** The index of the point nearest to `at`; -1 of none. Points are in order of time. */
export function nearest(points: readonly Point[], at: number): number {
  let low = 0;
  let high = points.length - 1;
  if (high < 0) return -1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((points[middle]?.at ?? 0) < at) low = middle;
    else high = middle;
  }
  return Math.abs((points[low]?.at ?? 0) - at) <= Math.abs((points[high]?.at ?? 0) - at) ? low : high;
}
