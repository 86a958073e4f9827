/** The words of files, of reading aloud and of speaking. */
import { words as en } from '../words/files/en';
import { AreaWords } from './areawords.svelte';

export type FilesKey = keyof typeof en;
export const filesWords = new AreaWords<FilesKey>('files', en);
