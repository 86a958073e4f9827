/** Moments and days as a language writes them. Pure. `at` is in milliseconds since 1970. */
const kept = new Map<string, Intl.DateTimeFormat>();

/** To make one takes long, and a plot asks for many. */
function format(at: number, tag: string, name: string, options: Intl.DateTimeFormatOptions): string {
  const key = `${tag} ${name}`;
  let found = kept.get(key);
  if (found === undefined) {
    found = new Intl.DateTimeFormat(tag, { hourCycle: 'h23', ...options });
    kept.set(key, found);
  }
  return found.format(at);
}

/** "14:05:09" */
export const clock = (at: number, tag: string): string =>
  format(at, tag, 'clock', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** "Nov 27, 14:05" */
export const moment = (at: number, tag: string): string =>
  format(at, tag, 'moment', { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' });

/** "Fri 14:05": within a week. */
export const weekMoment = (at: number, tag: string): string =>
  format(at, tag, 'week', { weekday: 'short', hour: '2-digit', minute: '2-digit' });

/** With the year, and to the second: "Nov 27, 2026, 14:05:09". */
export const exact = (at: number, tag: string): string =>
  format(at, tag, 'exact', { dateStyle: 'medium', timeStyle: 'medium' });

/** "Fri, Nov 27, 2026", of "2026-11-27"; another text stays as it is. */
export function day(text: string, tag: string): string {
  const at = Date.parse(`${text}T00:00:00Z`);
  if (Number.isNaN(at)) return text;
  return format(at, tag, 'day', { weekday: 'short', year: 'numeric', month: 'short', day: 'numeric', timeZone: 'UTC' });
}

/** "Nov 27", of the same: for the foot of a plot. */
export const shortDay = (at: number, tag: string, zone: string): string => {
  const options = { month: 'short', day: 'numeric' } as const;
  try {
    return format(at, tag, `short ${zone}`, { ...options, timeZone: zone });
  } catch {
    return format(at, tag, 'short', options); // a zone that this browser does not know
  }
};

/** `days` before today in the reader's own time, as "2026-11-27". */
export function dayBefore(now: Date, days: number): string {
  const then = new Date(now.getFullYear(), now.getMonth(), now.getDate() - days);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${then.getFullYear()}-${two(then.getMonth() + 1)}-${two(then.getDate())}`;
}
