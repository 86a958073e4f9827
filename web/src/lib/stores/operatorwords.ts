/** The words of the operators' page. */
import { en } from '../words/operator/en';
import { AreaWords } from './areawords.svelte';

export type OperatorKey = keyof typeof en;
export const operatorWords = new AreaWords<OperatorKey>(en, {
  fr: () => import('../words/operator/fr'),
  uk: () => import('../words/operator/uk'),
  zh: () => import('../words/operator/zh'),
});
