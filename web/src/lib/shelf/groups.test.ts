import { describe, expect, it } from 'vitest';
import type { Summary } from '../services/wire';
import { groupsOf } from './groups';

const NOW = new Date(2026, 10, 27, 9, 0);
const of = (id: string, ...at: [number, number, number, number?]): Summary => ({
  id,
  title: id,
  updated_at: new Date(at[0], at[1], at[2], at[3] ?? 12).toISOString(),
  running_turn_id: null,
  pinned: false,
  folder_id: null,
});

describe('the list in parts', () => {
  it('goes by the days of this device', () => {
    const items = [of('now', 2026, 10, 27, 8), of('dawn', 2026, 10, 27, 0), of('eve', 2026, 10, 26, 23), of('week', 2026, 10, 20, 0), of('old', 2026, 10, 19, 23)];
    expect(groupsOf(items, NOW).map(({ age, items: held }) => [age, held.map(({ id }) => id)])).toEqual([
      ['today', ['now', 'dawn']],
      ['yesterday', ['eve']],
      ['week', ['week']],
      ['earlier', ['old']],
    ]);
  });

  it('leaves out parts with nothing in them, and takes what is of a later day for today', () => {
    expect(groupsOf([of('later', 2026, 11, 1), of('old', 2020, 0, 1)], NOW).map(({ age }) => age)).toEqual(['today', 'earlier']);
    expect(groupsOf([], NOW)).toEqual([]);
  });
});
