/** The words of a thought that is read. */
import { words as en } from '../words/thought/en';
import { AreaWords } from './areawords.svelte';

export type ThoughtKey = keyof typeof en;
export const thoughtWords = new AreaWords<ThoughtKey>('thought', en);
