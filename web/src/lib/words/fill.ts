/** One entry and its values -> one string, by the rules of a language. */
import type { Entry } from './entry';

export type Values = Record<string, string | number>;

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]/;
const isRightToLeft = (tag: string): boolean => tag === 'ar';

/** A text that keeps its own direction, whatever is written around it (U+2068 to U+2069). */
export const isolated = (text: string): string => `\u2068${text}\u2069`;

export function fill(entry: Entry, values: Values, tag: string): string {
  const form = typeof entry === 'string' ? entry : formOf(entry, values['count'], tag);
  return form.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? new Intl.NumberFormat(tag).format(value) : mixed(value, tag) ? isolated(value) : value;
  });
}

/** It may run against the sentence around it: a title in Hebrew in an English one, a name in Latin letters in an Arabic one. */
const mixed = (value: string, tag: string): boolean => isRightToLeft(tag) || RIGHT_TO_LEFT.test(value);

function formOf(entry: Exclude<Entry, string>, count: string | number | undefined, tag: string): string {
  const rule = new Intl.PluralRules(tag).select(typeof count === 'number' ? count : Number.NaN);
  return entry[rule] ?? entry.other;
}
