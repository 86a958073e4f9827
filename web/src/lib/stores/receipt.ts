/** A receipt in the reader's language: the line under an answer. The rows behind it: receiptrows.ts. */
import type { Receipt } from '../services/wire';
import { energy, money, percent } from '../words/amounts';
import { tags } from '../words/languages';
import { t, words } from './words.svelte';

const WORTH_SAYING_S = 0.5;

const tag = (): string => tags[words.code];

export type Charge = NonNullable<Receipt['charge']>;

/** Where the operator asks no price for a model there is nothing to tell, not even a nought. */
export const priced = (charge: Charge | null): Charge | null => (charge?.lines.some((line) => line.per_million > 0) ? charge : null);

export const rateOf = ({ tokens_per_s: rate }: Receipt): string | null =>
  rate === null ? null : t('receipt.rate', { rate: words.number(rate, { maximumFractionDigits: rate < 10 ? 1 : 0 }) });

function priceOf(charge: Charge): string {
  if (charge.due === 0) return t(charge.waived > 0 ? 'receipt.waived' : 'receipt.free');
  const amount = money(charge.due, charge.currency, tag());
  return charge.discount > 0
    ? t('receipt.priceLess', { amount, percent: percent(charge.discount / 100, tag()) })
    : t('receipt.price', { amount });
}

export function joulesOf({ energy: used }: Receipt): { amount: string; measured: boolean } | null {
  if (used === null || used.microjoules === null) return null;
  return { amount: energy(used.microjoules / 1e6, tag()), measured: used.measured };
}

/** "question 12 · answer 30 · 1.2 s · …": what one sees without asking for more. */
export function receiptLine(receipt: Receipt): string[] {
  const { usage } = receipt;
  const charge = priced(receipt.charge);
  const joules = joulesOf(receipt);
  return [
    usage.cached > 0
      ? t('receipt.questionCached', { count: usage.prompt, cached: usage.cached })
      : t('receipt.question', { count: usage.prompt }),
    usage.reasoning > 0 ? t('receipt.thought', { count: usage.reasoning }) : null,
    t('receipt.answer', { count: usage.answer }),
    words.seconds(receipt.seconds),
    rateOf(receipt),
    receipt.waited_s > WORTH_SAYING_S ? t('receipt.waited', { time: words.seconds(receipt.waited_s) }) : null,
    receipt.behind ? t('receipt.behind') : null,
    joules && t(joules.measured ? 'receipt.energy' : 'receipt.energyGuess', { amount: joules.amount }),
    charge && priceOf(charge),
  ].filter((part) => part !== null);
}
