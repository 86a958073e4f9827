/** The words of what is done with a conversation beside asking. */
import { words as en } from '../words/talk/en';
import { AreaWords } from './areawords.svelte';

export type TalkKey = keyof typeof en;
export const talkWords = new AreaWords<TalkKey>('talk', en);
