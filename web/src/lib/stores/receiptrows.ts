/** All of a receipt, in the reader's language: what stands behind its line. Its words come with it. */
import { receiptPath } from '../services/receipts';
import type { Receipt } from '../services/wire';
import { money, percent } from '../words/amounts';
import { tags } from '../words/languages';
import { words as en } from '../words/receiptrows/en';
import { AreaWords } from './areawords.svelte';
import { joulesOf, priced, rateOf } from './receipt';
import { t, words } from './words.svelte';

export type ReceiptRowsKey = keyof typeof en;
export const receiptRowsWords = new AreaWords<ReceiptRowsKey>('receiptrows', en);
const r = receiptRowsWords.t;

const ENDED = {
  person: 'ended.person',
  budget: 'ended.budget',
  load: 'ended.load',
  site: 'ended.site',
} as const;
/** The tiers that every site has; others are the operator's own, and so are their names. */
const TIERS: Record<string, ReceiptRowsKey> = { visitor: 'tier.visitor', member: 'tier.member' };

const tag = (): string => tags[words.code];
const tokens = (count: number): string => t('receipt.tokens', { count });

/** All that a person wants to know of it: names and values. */
export function receiptRows(receipt: Receipt): [string, string][] {
  const { shortened: short, thinking_budget: budget, usage } = receipt;
  const chosen = budget === null ? null : budget === 0 ? r('noThought') : r('atMost', { tokens: tokens(budget) });
  const rows: [string, string | null][] = [
    [r('row.question'), tokens(usage.prompt)],
    [r('row.cached'), tokens(usage.cached)],
    [r('row.thought'), tokens(usage.reasoning)],
    [r('row.chosen'), chosen],
    [r('row.shortened'), short && r('of', { budget: short.budget, full: short.full })],
    [r('row.ended'), receipt.thought_ended && r(ENDED[receipt.thought_ended])],
    [r('row.answer'), tokens(usage.answer)],
    ...moneyRows(receipt),
    ...energyRows(receipt),
    [r('row.waited'), words.seconds(receipt.waited_s)],
    [r('row.place'), receipt.behind ? r('wasBehind') : null],
    [r('row.gaveWay'), receipt.gave_way_s > 0 ? words.seconds(receipt.gave_way_s) : null],
    [r('row.first'), receipt.first_token_s === null ? null : words.seconds(receipt.first_token_s)],
    [r('row.thinking'), words.seconds(receipt.thinking_s)],
    [r('row.total'), words.seconds(receipt.seconds)],
    [r('row.rate'), rateOf(receipt)],
    [r('row.model'), receipt.model],
    [r('row.tier'), tierOf(receipt.tier)],
  ];
  return rows.filter((row): row is [string, string] => row[1] !== null);
}

function moneyRows(receipt: Receipt): [string, string | null][] {
  const charge = priced(receipt.charge);
  const amount = (micros: number): string => money(micros, receipt.charge?.currency ?? '', tag());
  // In the currency of the charge; below a millionth of it there is nothing to tell.
  const cost = receipt.cost && receipt.charge ? amount(receipt.cost) : null;
  const of = (micros: number): string | null => (micros > 0 ? amount(micros) : null);
  if (charge === null) return [[r('row.cost'), cost]];
  const split = charge.free > 0 || charge.waived > 0;
  return [
    [r('row.price'), amount(charge.price)],
    [r('row.discount'), charge.discount > 0 ? percent(charge.discount / 100, tag()) : null],
    [r('row.free'), of(charge.free)],
    [r('row.waived'), of(charge.waived)],
    [r('row.due'), split ? amount(charge.due) : null],
    [r('row.cost'), cost],
  ];
}

function energyRows(receipt: Receipt): [string, string | null][] {
  const joules = joulesOf(receipt);
  return [[r('row.energy'), joules && r(joules.measured ? 'measured' : 'estimated', { amount: joules.amount })]];
}

const tierOf = (tier: string): string => {
  const key = Object.hasOwn(TIERS, tier) ? TIERS[tier] : undefined;
  return key ? r(key) : tier;
};

/** Who made the answer, and who stands for that. */
export function markOf({ mark }: Receipt): string {
  return mark === null ? r('unsigned') : r('signed', { site: mark.site, when: words.moment(mark.at * 1000) });
}

export const receiptFile = receiptPath;
/** Among all of one's own. */
export const receiptPage = (turnId: string): string => `/receipts#${encodeURIComponent(turnId)}`;
