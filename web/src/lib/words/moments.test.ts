import { expect, it } from 'vitest';
import { clock, day, dayBefore, moment, shortDay, weekMoment } from './moments';

const noon = new Date(2026, 10, 27, 14, 5, 9).getTime();

it('moments are short, and in the reader\'s own time', () => {
  expect([clock(noon, 'en'), moment(noon, 'en'), weekMoment(noon, 'en')]).toEqual(['14:05:09', 'Nov 27, 14:05', 'Fri 14:05']);
  expect(moment(noon, 'fr')).toBe('27 nov., 14:05');
  expect(clock(new Date(2026, 10, 27).getTime(), 'en')).toBe('00:00:00');
});

it('days are days wherever they are read, and what is none stays as it is', () => {
  expect(day('2026-11-27', 'en')).toBe('Fri, Nov 27, 2026');
  expect(day('<b>', 'en')).toBe('<b>');
  expect(shortDay(Date.UTC(2026, 10, 27, 23, 30), 'en', 'Europe/Zurich')).toBe('Nov 28');
  expect(shortDay(Date.UTC(2026, 10, 27, 12), 'en', 'Mars/Olympus')).toBe('Nov 27');
});

it('days are counted back over the end of months and the change of the clock', () => {
  expect(dayBefore(new Date(2026, 2, 30, 0, 30), 1)).toBe('2026-03-29');
  expect(dayBefore(new Date(2026, 0, 1, 23, 59), 0)).toBe('2026-01-01');
  expect(dayBefore(new Date(2026, 0, 1, 12), 1)).toBe('2025-12-31');
});
