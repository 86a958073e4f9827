/** The files of words of every part but the main one. English comes along with the part itself. */
import type { File } from './load';

export const files = import.meta.glob<File>(['./*/??.ts', '!./main/*', '!./*/en.ts']);
