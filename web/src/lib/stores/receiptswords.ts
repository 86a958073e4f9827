/** The words of the page of receipts. */
import { words as en } from '../words/receipts/en';
import { AreaWords } from './areawords.svelte';

export type ReceiptsKey = keyof typeof en;
export const receiptsWords = new AreaWords<ReceiptsKey>('receipts', en);
