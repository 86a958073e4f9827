/** The words of what is done with the list of conversations. */
import { words as en } from '../words/shelf/en';
import { AreaWords } from './areawords.svelte';

export type ShelfKey = keyof typeof en;
export const shelfWords = new AreaWords<ShelfKey>('shelf', en);
