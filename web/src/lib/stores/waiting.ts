/** The waiting line in the reader's language: where one stands, why, and when it starts. */
import { about, atMost, isLate, type Span, type Start } from '../turn/start';
import type { Place, TurnView } from '../turn/view';
import { t, words as language } from './words.svelte';

const HINTS = {
  busy: 'turn.placeHint',
  gave_way: 'line.paused',
  engine_starting: 'turn.engineStarting',
  engine_down: 'turn.engineDown',
} as const;
const MOVED = { lighter_first: 'line.lighter', came_back: 'line.cameBack', within_quota: 'line.withinQuota' } as const;
const SPANS = { seconds: 'span.seconds', minutes: 'span.minutes' } as const;

/** The place in line; of a turn that had begun, why it pauses. */
export function placeInWords(place: Place, paused: boolean): string {
  if (!paused) return t('turn.place', { position: place.position, waiting: place.waiting });
  if (place.reason !== 'gave_way') return t(place.reason === 'busy' ? 'line.lost' : HINTS[place.reason]);
  const others = place.waiting - 1;
  return others > 0 ? t('line.gaveWay', { count: others }) : t('line.paused');
}

/** What there is to do: nothing, but to stay where nothing is kept. */
export function hintInWords(place: Place, paused: boolean, temporary = false): string {
  if (temporary && place.reason === 'busy') return t('turn.stayHere');
  return t(paused ? 'line.byItself' : HINTS[place.reason]);
}

/** Why one stands further back, or starts later, than was said; null where neither is so. */
export function reasonInWords(place: Place, start: Start | null, now: number): string | null {
  if (place.moved !== null) return t(MOVED[place.moved.why]);
  return start !== null && isLate(start, now) ? t('line.late') : null;
}

/** Why all who are within their quota go first, and until when; null where one is not behind them. */
export function behindInWords(place: Place, resetsAt: number | null): string | null {
  if (!place.behind) return null;
  return resetsAt === null ? t('line.behind') : t('line.behindUntil', { when: language.moment(resetsAt) });
}

/** "Starts in about 20 seconds; 9 of 10 start within 1 minute": no closer than it is known. */
export function startInWords(start: Start, now: number, paused: boolean): string {
  const span = about(start.at - now);
  const most = start.mostAt === null || paused ? null : atMost(start.mostAt - now);
  const begins = span === null ? t('line.soon') : t(paused ? 'line.goesOn' : 'line.starts', { time: words(span) });
  return most === null ? begins : t('line.most', { start: begins, time: words(most) });
}

const words = (span: Span): string => t(SPANS[span.unit], { count: span.count });

/** What a screen reader is told of the line. */
export function lineAloud({ place, paused }: TurnView, start: Start | null, now: number, resetsAt: number | null = null): string {
  if (place === null) return '';
  const again = paused !== null;
  const why = again ? hintInWords(place, again) : reasonInWords(place, start, now);
  const parts = [placeInWords(place, again), behindInWords(place, resetsAt), why, start && startInWords(start, now, again)];
  // A voice rests where a sentence ends.
  return parts.filter(Boolean).map((part) => part?.replace(/[^.。।]$/, '$&.')).join(' ');
}
