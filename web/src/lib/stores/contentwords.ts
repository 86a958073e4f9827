/** The words around formulas, code and diagrams. */
import { words as en } from '../words/content/en';
import { AreaWords } from './areawords.svelte';

export type ContentKey = keyof typeof en;
export const contentWords = new AreaWords<ContentKey>('content', en);
