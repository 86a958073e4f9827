/** Columns of samples -> longer columns, and points of a plot. Pure. */
import type { Point } from './scale';

type Columns<Group extends object> = { at: number[]; all: Group; tiers: Record<string, Group> };

/** How long a plot looks back. */
export const MOST_MS = 1_800_000;

/**
 * What was known, then what is new; a tier that one of them has not is 0 there. What is older than `most` ms
 * is left out.
 */
export function joined<Group extends Record<string, number[]>, S extends Columns<Group>>(kept: S, fresh: S, most = MOST_MS): S {
  const oldest = (fresh.at.at(-1) ?? kept.at.at(-1) ?? 0) - most;
  const from = kept.at.findIndex((at) => at >= oldest);
  const skip = from < 0 ? kept.at.length : from;
  // What both have counts once.
  const last = kept.at.at(-1) ?? 0;
  const begin = fresh.at.findIndex((at) => at > last);
  const start = begin < 0 ? fresh.at.length : begin;
  const join = <T>(one: readonly T[] | undefined, two: readonly T[] | undefined, empty: T): T[] => [
    ...(one ?? Array<T>(kept.at.length).fill(empty)).slice(skip),
    ...(two ?? Array<T>(fresh.at.length).fill(empty)).slice(start),
  ];
  const group = (one: Group | undefined, two: Group | undefined): Group =>
    Object.fromEntries(Object.keys({ ...one, ...two }).map((name) => [name, join(one?.[name], two?.[name], 0)])) as Group;
  const tiers = Object.keys({ ...kept.tiers, ...fresh.tiers }).sort();
  const columns = Object.entries(fresh).map(([name, column]) => [
    name,
    Array.isArray(column) ? join(kept[name as keyof S] as unknown[], column as unknown[], null) : column,
  ]);
  return {
    ...(Object.fromEntries(columns) as S),
    all: group(kept.all, fresh.all),
    tiers: Object.fromEntries(tiers.map((tier) => [tier, group(kept.tiers[tier], fresh.tiers[tier])])),
  };
}

/** No more than `most` points: the mean of those that lie together, so that a plot is a line and not a band. */
export function thinned(all: readonly Point[], most = 150): Point[] {
  const size = Math.ceil(all.length / most);
  if (size <= 1) return [...all];
  const found: Point[] = [];
  // From the end, so that the newest ones are always whole.
  for (let end = all.length; end > 0; end -= size) {
    const group = all.slice(Math.max(0, end - size), end);
    const known = group.flatMap(({ value }) => (value === null ? [] : [value]));
    found.unshift({ at: group.at(-1)?.at ?? 0, value: known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length });
  }
  return found;
}

/** `factor` turns the column's unit into that of the plot. */
export const points = (at: readonly number[], column: readonly (number | null)[], factor = 1): Point[] =>
  at.map((time, index) => {
    const value = column[index] ?? null;
    return { at: time, value: value === null ? null : value * factor };
  });
