/** The words of the operators' page. */
import { words as en } from '../words/operator/en';
import { AreaWords } from './areawords.svelte';

export type OperatorKey = keyof typeof en;
export const operatorWords = new AreaWords<OperatorKey>('operator', en);
