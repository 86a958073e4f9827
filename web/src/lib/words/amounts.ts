/** Money, energy and shares as a language writes them; see measures.ts too. Pure; no float ever holds an amount of money. */
const MICROS = 1_000_000n;
const WH_J = 3600;
const SPACE = '\u00a0';

/** The units that Intl has no names for. */
const UNITS: Record<string, [string, string, string, string]> = {
  en: ['mWh', 'Wh', 'kWh', 'MWh'],
  ar: ['ملّي واط ساعة', 'واط ساعة', 'كيلوواط ساعة', 'ميغاواط ساعة'],
  uk: ['мВт·год', 'Вт·год', 'кВт·год', 'МВт·год'],
  zh: ['毫瓦时', '瓦时', '千瓦时', '兆瓦时'],
};
/** Of a table by language; the signs of English are those of most. */
export const unitsOf = <Units>(table: Record<string, Units>, tag: string): Units => table[tag.split('-')[0] ?? ''] ?? (table['en'] as Units);

/** 1500 -> "0.0015": exact, of whole millionths. */
function decimal(micros: number | bigint): Intl.StringNumericLiteral {
  const whole = typeof micros === 'bigint' ? micros : BigInt(Math.trunc(micros));
  const size = whole < 0n ? -whole : whole;
  const text = `${size / MICROS}.${String(size % MICROS).padStart(6, '0')}`;
  return `${whole < 0n ? '-' : ''}${text}` as Intl.StringNumericLiteral;
}

export function written(micros: number | bigint, currency: string, tag: string, options: Intl.NumberFormatOptions): string {
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

/** Three digits that count: more would say that more is known. */
export const three = (value: number, tag: string): string =>
  new Intl.NumberFormat(tag, { maximumSignificantDigits: 3 }).format(value);

/** "7.8 mWh", "0.34 Wh", "12.5 kWh", of joules. */
export function energy(joules: number, tag: string): string {
  const hours = joules / WH_J;
  const [mwh, wh, kwh, megawh] = unitsOf(UNITS, tag);
  if (hours >= 1e6) return `${three(hours / 1e6, tag)} ${megawh}`;
  if (hours >= 1e3) return `${three(hours / 1e3, tag)} ${kwh}`;
  if (hours > 0 && hours < 0.1) return `${three(hours * 1e3, tag)} ${mwh}`;
  return `${three(hours, tag)} ${wh}`;
}

/** "42%", of a part of 1. */
export const percent = (part: number, tag: string): string =>
  new Intl.NumberFormat(tag, { style: 'percent', maximumFractionDigits: part > 0 && part < 0.1 ? 1 : 0 }).format(part);
