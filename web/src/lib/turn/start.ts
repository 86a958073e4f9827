/**
 * When a waiting turn will start: what the site told, what is shown of it, and how it runs down. Pure; moments
 * are milliseconds on the page's own clock. What is shown never moves later without a reason that is shown too.
 */
import type { Place } from './view';

export type Start = {
  /** Half of those who are told so have started by then. */
  readonly at: number;
  /** Nine of ten. */
  readonly mostAt: number | null;
  /** It was moved later and the line gives no reason: those before take longer than was thought. */
  readonly late: boolean;
};

export type Span = { unit: 'seconds' | 'minutes'; count: number };

const MINUTE_S = 60;
const WAY_S = 2;
// An estimate that moves by less than this has only been made again: what was said stays.
const NOISE_MS = 5000;
const NOISE_SHARE = 0.25;

/** `place` was told at `now`, after `before`. Null where no time is known. */
export function startOf(place: Place, now: number, before: { place: Place; start: Start } | null): Start | null {
  const { expectedS, p90S } = place;
  if (expectedS === null) return null;
  const at = now + expectedS * 1000;
  const mostAt = p90S === null ? null : now + p90S * 1000;
  if (before === null || place.position > before.place.position || place.reason !== before.place.reason) return { at, mostAt, late: false };
  const shown = before.start;
  const shownMost = shown.mostAt ?? Infinity;
  const later = Math.max(at - shown.at, (mostAt ?? 0) - shownMost);
  if (later > Math.max(NOISE_MS, NOISE_SHARE * (at - now))) return { at, mostAt, late: true };
  return { at: Math.min(at, shown.at), mostAt: mostAt === null ? null : Math.min(mostAt, shownMost), late: shown.late };
}

/** The first minute of the clock by which that many seconds are over; the way of what was told took a little of them. */
export const minuteAfter = (now: number, seconds: number): number =>
  Math.ceil((now / 1000 + seconds - WAY_S) / MINUTE_S) * MINUTE_S * 1000;

/** It starts later than was said: that was told, or the time has come by which nine of ten start. */
export const isLate = (start: Start, now: number): boolean => start.late || (start.mostAt !== null && start.mostAt <= now);

const STEP_S = 5;

/** To the nearest 5 s below a minute, then the nearest minute; null: at any moment. */
export const about = (ms: number): Span | null => rounded(ms / 1000, Math.round);

/** The same, rounded up, for what is a bound. */
export const atMost = (ms: number): Span | null => rounded(ms / 1000, Math.ceil);

function rounded(seconds: number, round: (value: number) => number): Span | null {
  const steps = round(seconds / STEP_S) * STEP_S;
  if (steps <= 0) return null;
  return steps < MINUTE_S ? { unit: 'seconds', count: steps } : { unit: 'minutes', count: round(seconds / MINUTE_S) };
}
