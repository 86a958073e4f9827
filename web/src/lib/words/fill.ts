/** One entry and its values -> one string, by the rules of a language. */
import type { Entry } from './entry';

export type Values = Record<string, string | number>;

export function fill(entry: Entry, values: Values, tag: string): string {
  const form = typeof entry === 'string' ? entry : formOf(entry, values['count'], tag);
  return form.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? new Intl.NumberFormat(tag).format(value) : value;
  });
}

function formOf(entry: Exclude<Entry, string>, count: string | number | undefined, tag: string): string {
  const rule = new Intl.PluralRules(tag).select(typeof count === 'number' ? count : Number.NaN);
  return entry[rule] ?? entry.other;
}
