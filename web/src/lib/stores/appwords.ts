/** The words of the page as an app. */
import { words as en } from '../words/app/en';
import { AreaWords } from './areawords.svelte';

export type AppKey = keyof typeof en;
export const appWords = new AreaWords<AppKey>('app', en);
