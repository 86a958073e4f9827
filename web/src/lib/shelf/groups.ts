/** The list in parts, by the days of this device: today, yesterday, the week before, and what is older. Pure. */
import type { Summary } from '../services/wire';

export type Age = 'today' | 'yesterday' | 'week' | 'earlier';
export type Group = { readonly age: Age; readonly items: readonly Summary[] };

const DAYS: readonly (readonly [Age, number])[] = [
  ['today', 0],
  ['yesterday', 1],
  ['week', 7],
];

/** Where the day began that was so many days ago: days are not all as long. */
function dayBegan(now: Date, ago: number): number {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() - ago).getTime();
}

/** Those that have something in them; the order within stays. */
export function groupsOf(items: readonly Summary[], now: Date): Group[] {
  const begins = DAYS.map(([age, ago]) => [age, dayBegan(now, ago)] as const);
  const ageOf = (item: Summary): Age => {
    const at = Date.parse(item.updated_at);
    return begins.find(([, begin]) => at >= begin)?.[0] ?? 'earlier';
  };
  const groups = new Map<Age, Summary[]>();
  for (const item of items) {
    const age = ageOf(item);
    const held = groups.get(age);
    if (held) held.push(item);
    else groups.set(age, [item]);
  }
  return [...groups].map(([age, held]) => ({ age, items: held }));
}
