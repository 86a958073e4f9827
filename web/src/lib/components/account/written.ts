/** Amounts as the language of the page writes them. */
import { a } from '../../stores/accountwords.svelte';
import { words } from '../../stores/words.svelte';
import { money } from '../../words/amounts';
import { tags } from '../../words/languages';

export const tokensIn = (count: number): string => a('weighted', { count });

/** Of a bound in tokens, what is left of it: the unit stands beside the bound. */
export const plain = (count: number): string => words.number(count);

export const moneyIn = (currency: string) => (micros: number): string => money(micros, currency, tags[words.code]);

export const momentOf = (iso: string): string => words.moment(Date.parse(iso));

/** "24 hours", "30 days". */
export function hoursIn(hours: number): string {
  const days = hours > 24 && hours % 24 === 0;
  return words.number(days ? hours / 24 : hours, { style: 'unit', unit: days ? 'day' : 'hour', unitDisplay: 'long' });
}
