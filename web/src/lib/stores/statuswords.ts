/** The words of the public page. */
import { words as en } from '../words/status/en';
import { AreaWords } from './areawords.svelte';

export type StatusKey = keyof typeof en;
export const statusWords = new AreaWords<StatusKey>('status', en);
