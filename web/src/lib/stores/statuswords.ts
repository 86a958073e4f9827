/** The words of the public page. */
import { en } from '../words/status/en';
import { AreaWords } from './areawords.svelte';

export type StatusKey = keyof typeof en;
export const statusWords = new AreaWords<StatusKey>(en, {
  fr: () => import('../words/status/fr'),
  uk: () => import('../words/status/uk'),
  zh: () => import('../words/status/zh'),
});
