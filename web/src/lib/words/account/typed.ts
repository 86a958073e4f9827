/** Numbers as people type them, and days. Pure; no amount of money is ever a float. */
const SPACES = /[\s\u00a0\u202f_']/g;
const MOST = 2 ** 53;

/** "12 000" -> 12000; "" -> null, no bound; undefined for what is no whole number. */
export function wholeOf(text: string): number | null | undefined {
  const digits = text.replace(SPACES, '');
  if (digits === '') return null;
  return /^\d+$/.test(digits) && Number(digits) <= MOST ? Number(digits) : undefined;
}

/** "2.50" or "2,5" -> 2500000 millionths; "" -> null; undefined for what is no amount. */
export function microsOf(text: string): number | null | undefined {
  const plain = text.replace(SPACES, '').replace(',', '.');
  if (plain === '') return null;
  const match = /^(\d*)(?:\.(\d{0,6}))?$/.exec(plain);
  if (!match || plain === '.') return undefined;
  const micros = Number((match[1] ?? '') + (match[2] ?? '').padEnd(6, '0'));
  return micros <= MOST ? micros : undefined;
}

/** 2500000 -> "2.5", as it is typed. */
export function typedMicros(micros: number | null): string {
  if (micros === null) return '';
  const digits = String(micros).padStart(7, '0');
  return `${digits.slice(0, -6)}.${digits.slice(-6)}`.replace(/\.?0+$/, '');
}

/** "a, b" -> ["a", "b"]; nothing -> null, no bound. */
export function namesOf(text: string): string[] | null {
  const names = [...new Set(text.split(/[\s,]+/).filter(Boolean))];
  return names.length > 0 ? names : null;
}

const two = (value: number): string => String(value).padStart(2, '0');

/** As a field for days wants it, by this device's clock. */
export const dayOf = (date: Date): string => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;

/** The end of that day here. "" -> null: never. */
export function endOfDay(day: string): string | null {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(day);
  return match ? new Date(Number(match[1]), Number(match[2]) - 1, Number(match[3]), 23, 59, 59).toISOString() : null;
}
