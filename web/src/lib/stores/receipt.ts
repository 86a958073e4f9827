/** A receipt in the reader's language: the line under an answer, and the rows behind it. */
import { receiptPath } from '../services/receipts';
import type { Receipt } from '../services/wire';
import { energy, money, percent } from '../words/amounts';
import { tags } from '../words/languages';
import { t, words, type Key } from './words.svelte';

const WORTH_SAYING_S = 0.5;
const ENDED = {
  person: 'receipt.ended.person',
  budget: 'receipt.ended.budget',
  load: 'receipt.ended.load',
  site: 'receipt.ended.site',
} as const;
/** The tiers that every site has; others are the operator's own, and so are their names. */
const TIERS: Record<string, Key> = { visitor: 'receipt.tier.visitor', member: 'receipt.tier.member' };

const tag = (): string => tags[words.code];
const tokens = (count: number): string => t('receipt.tokens', { count });

type Charge = NonNullable<Receipt['charge']>;

/** Where the operator asks no price for a model there is nothing to tell, not even a nought. */
const priced = (charge: Charge | null): Charge | null => (charge?.lines.some((line) => line.per_million > 0) ? charge : null);

const rateOf = ({ tokens_per_s: rate }: Receipt): string | null =>
  rate === null ? null : t('receipt.rate', { rate: words.number(rate, { maximumFractionDigits: rate < 10 ? 1 : 0 }) });

function priceOf(charge: Charge): string {
  if (charge.due === 0) return t(charge.waived > 0 ? 'receipt.waived' : 'receipt.free');
  const amount = money(charge.due, charge.currency, tag());
  return charge.discount > 0
    ? t('receipt.priceLess', { amount, percent: percent(charge.discount / 100, tag()) })
    : t('receipt.price', { amount });
}

function joulesOf({ energy: used }: Receipt): { amount: string; measured: boolean } | null {
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

/** All that a person wants to know of it: names and values. */
export function receiptRows(receipt: Receipt): [string, string][] {
  const { shortened: short, thinking_budget: budget, usage } = receipt;
  const chosen = budget === null ? null : budget === 0 ? t('receipt.noThought') : t('receipt.atMost', { tokens: tokens(budget) });
  const rows: [string, string | null][] = [
    [t('receipt.row.question'), tokens(usage.prompt)],
    [t('receipt.row.cached'), tokens(usage.cached)],
    [t('receipt.row.thought'), tokens(usage.reasoning)],
    [t('receipt.row.chosen'), chosen],
    [t('receipt.row.shortened'), short && t('receipt.of', { budget: short.budget, full: short.full })],
    [t('receipt.row.ended'), receipt.thought_ended && t(ENDED[receipt.thought_ended])],
    [t('receipt.row.answer'), tokens(usage.answer)],
    ...moneyRows(receipt),
    ...energyRows(receipt),
    [t('receipt.row.waited'), words.seconds(receipt.waited_s)],
    [t('receipt.row.place'), receipt.behind ? t('receipt.wasBehind') : null],
    [t('receipt.row.gaveWay'), receipt.gave_way_s > 0 ? words.seconds(receipt.gave_way_s) : null],
    [t('receipt.row.first'), receipt.first_token_s === null ? null : words.seconds(receipt.first_token_s)],
    [t('receipt.row.thinking'), words.seconds(receipt.thinking_s)],
    [t('receipt.row.total'), words.seconds(receipt.seconds)],
    [t('receipt.row.rate'), rateOf(receipt)],
    [t('receipt.row.model'), receipt.model],
    [t('receipt.row.tier'), tierOf(receipt.tier)],
  ];
  return rows.filter((row): row is [string, string] => row[1] !== null);
}

function moneyRows(receipt: Receipt): [string, string | null][] {
  const charge = priced(receipt.charge);
  const amount = (micros: number): string => money(micros, receipt.charge?.currency ?? '', tag());
  // In the currency of the charge; below a millionth of it there is nothing to tell.
  const cost = receipt.cost && receipt.charge ? amount(receipt.cost) : null;
  const of = (micros: number): string | null => (micros > 0 ? amount(micros) : null);
  if (charge === null) return [[t('receipt.row.cost'), cost]];
  const split = charge.free > 0 || charge.waived > 0;
  return [
    [t('receipt.row.price'), amount(charge.price)],
    [t('receipt.row.discount'), charge.discount > 0 ? percent(charge.discount / 100, tag()) : null],
    [t('receipt.row.free'), of(charge.free)],
    [t('receipt.row.waived'), of(charge.waived)],
    [t('receipt.row.due'), split ? amount(charge.due) : null],
    [t('receipt.row.cost'), cost],
  ];
}

function energyRows(receipt: Receipt): [string, string | null][] {
  const joules = joulesOf(receipt);
  return [[t('receipt.row.energy'), joules && t(joules.measured ? 'receipt.measured' : 'receipt.estimated', { amount: joules.amount })]];
}

const tierOf = (tier: string): string => {
  const key = Object.hasOwn(TIERS, tier) ? TIERS[tier] : undefined;
  return key ? t(key) : tier;
};

/** Who made the answer, and who stands for that. */
export function markOf({ mark }: Receipt): string {
  return mark === null ? t('receipt.unsigned') : t('receipt.signed', { site: mark.site, when: words.moment(mark.at * 1000) });
}

export const receiptFile = receiptPath;
/** Among all of one's own. */
export const receiptPage = (turnId: string): string => `/receipts#${encodeURIComponent(turnId)}`;
