/** The files of words of every part but the main one. */
import type { File } from './load';

export const files = import.meta.glob<File>(['./*/??.ts', '!./main/*']);
