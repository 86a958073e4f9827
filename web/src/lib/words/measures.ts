/** What only figures and plots need: power, time, and amounts that are rounded. Pure. */
import { three, unitsOf, written } from './amounts';

const UNITS: Record<string, [string, string]> = {
  en: ['W', 'kW'],
  ar: ['واط', 'كيلوواط'],
  uk: ['Вт', 'кВт'],
  zh: ['瓦', '千瓦'],
};

/** For plots and where many stand side by side: three digits that count, or cents. */
export const moneyRound = (micros: number, currency: string, tag: string): string =>
  written(Math.round(micros), currency, tag, { maximumFractionDigits: 2, maximumSignificantDigits: 3, roundingPriority: 'morePrecision' });

/** "28 W", "1.4 kW". */
export function power(watts: number, tag: string): string {
  const [w, kw] = unitsOf(UNITS, tag);
  return watts >= 1e3 ? `${three(watts / 1e3, tag)} ${kw}` : `${three(watts, tag)} ${w}`;
}

const unit = (value: number, name: string, tag: string, digits = 0): string =>
  new Intl.NumberFormat(tag, { style: 'unit', unit: name, unitDisplay: 'short', maximumFractionDigits: digits }).format(value);

/** "340 ms", "1.2 sec", "2 min 5 sec", "3 hr 4 min", of milliseconds. */
export function duration(ms: number, tag: string): string {
  if (ms < 1000) return unit(Math.round(ms), 'millisecond', tag);
  if (ms < 9950) return unit(ms / 1000, 'second', tag, 1);
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return unit(seconds, 'second', tag);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return pair(minutes, 'minute', seconds % 60, 'second', tag);
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return pair(hours, 'hour', minutes % 60, 'minute', tag);
  return pair(Math.floor(hours / 24), 'day', hours % 24, 'hour', tag);
}

const pair = (more: number, large: string, less: number, small: string, tag: string): string =>
  less === 0 ? unit(more, large, tag) : `${unit(more, large, tag)} ${unit(less, small, tag)}`;

/** "1,234"; "1.2M" where it is long, and its last digits say nothing. */
export const count = (value: number, tag: string): string =>
  new Intl.NumberFormat(tag, value >= 1e6 ? { notation: 'compact', maximumSignificantDigits: 3 } : { maximumFractionDigits: 1 }).format(value);

/** "54.3%", of a part of one. */
export const share = (part: number, tag: string): string =>
  new Intl.NumberFormat(tag, { style: 'percent', maximumFractionDigits: 1 }).format(part);
