/** Money, energy, power, time and shares as a language writes them. Pure; no float ever holds an amount of money. */
const MICROS = 1_000_000n;
const WH_J = 3600;
const SPACE = '\u00a0';

/** The units that Intl has no names for. */
const UNITS: Record<string, { power: [string, string]; energy: [string, string, string, string] }> = {
  en: { power: ['W', 'kW'], energy: ['mWh', 'Wh', 'kWh', 'MWh'] },
  ar: { power: ['واط', 'كيلوواط'], energy: ['ملّي واط ساعة', 'واط ساعة', 'كيلوواط ساعة', 'ميغاواط ساعة'] },
  uk: { power: ['Вт', 'кВт'], energy: ['мВт·год', 'Вт·год', 'кВт·год', 'МВт·год'] },
  zh: { power: ['瓦', '千瓦'], energy: ['毫瓦时', '瓦时', '千瓦时', '兆瓦时'] },
};
const unitsOf = (tag: string): { power: [string, string]; energy: [string, string, string, string] } =>
  UNITS[tag.split('-')[0] ?? ''] ?? (UNITS['en'] as { power: [string, string]; energy: [string, string, string, string] });

/** 1500 -> "0.0015": exact, of whole millionths. */
function decimal(micros: number | bigint): Intl.StringNumericLiteral {
  const whole = typeof micros === 'bigint' ? micros : BigInt(Math.trunc(micros));
  const size = whole < 0n ? -whole : whole;
  const text = `${size / MICROS}.${String(size % MICROS).padStart(6, '0')}`;
  return `${whole < 0n ? '-' : ''}${text}` as Intl.StringNumericLiteral;
}

function written(micros: number | bigint, currency: string, tag: string, options: Intl.NumberFormatOptions): string {
  const amount = decimal(micros);
  try {
    return new Intl.NumberFormat(tag, { style: 'currency', currency, ...options }).format(amount);
  } catch {
    // A currency of the operator's own making.
    return `${new Intl.NumberFormat(tag, options).format(amount)}${SPACE}${currency}`;
  }
}

/** Every digit that is known, at most six after the point: "€0.000015", "€1.20". `micros` are whole millionths. */
export const money = (micros: number | bigint, currency: string, tag: string): string =>
  written(micros, currency, tag, { maximumFractionDigits: 6 });

/** For plots and where many stand side by side: three digits that count, or cents. */
export const moneyRound = (micros: number, currency: string, tag: string): string =>
  written(Math.round(micros), currency, tag, { maximumFractionDigits: 2, maximumSignificantDigits: 3, roundingPriority: 'morePrecision' });

/** Three digits that count: more would say that more is known. */
const three = (value: number, tag: string): string =>
  new Intl.NumberFormat(tag, { maximumSignificantDigits: 3 }).format(value);

/** "7.8 mWh", "0.34 Wh", "12.5 kWh", of joules. */
export function energy(joules: number, tag: string): string {
  const hours = joules / WH_J;
  const [mwh, wh, kwh, megawh] = unitsOf(tag).energy;
  if (hours >= 1e6) return `${three(hours / 1e6, tag)} ${megawh}`;
  if (hours >= 1e3) return `${three(hours / 1e3, tag)} ${kwh}`;
  if (hours > 0 && hours < 0.1) return `${three(hours * 1e3, tag)} ${mwh}`;
  return `${three(hours, tag)} ${wh}`;
}

/** "28 W", "1.4 kW". */
export function power(watts: number, tag: string): string {
  const [w, kw] = unitsOf(tag).power;
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

/** "42%", of a part of 1. */
export const percent = (part: number, tag: string): string =>
  new Intl.NumberFormat(tag, { style: 'percent', maximumFractionDigits: part > 0 && part < 0.1 ? 1 : 0 }).format(part);

/** "1,234"; "1.2M" where it is long, and its last digits say nothing. */
export const count = (value: number, tag: string): string =>
  new Intl.NumberFormat(tag, value >= 1e6 ? { notation: 'compact', maximumSignificantDigits: 3 } : { maximumFractionDigits: 1 }).format(value);
