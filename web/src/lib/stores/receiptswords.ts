/** The words of the page of receipts. */
import { en } from '../words/receipts/en';
import { AreaWords } from './areawords.svelte';

export type ReceiptsKey = keyof typeof en;
export const receiptsWords = new AreaWords<ReceiptsKey>(en, {
  fr: () => import('../words/receipts/fr'),
  uk: () => import('../words/receipts/uk'),
  zh: () => import('../words/receipts/zh'),
});
