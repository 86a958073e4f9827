/** Where the words of each part of the page are: one file a part and a language, fetched when it is wanted. */
import type { Entry } from './entry';
import type { Code } from './languages';

export type File = { words: Record<string, Entry> };

const main = import.meta.glob<File>('./main/??.ts');

/** Rejects where the words do not arrive, or there are none. */
export async function load<Key extends string>(part: string, code: Code): Promise<Record<Key, Entry>> {
  // The list of all other files is as long as a page: it comes with the first part that is not the main one.
  const files = part === 'main' ? main : (await import('./parts')).files;
  const file = files[`./${part}/${code}.ts`];
  if (file === undefined) throw new Error(`There are no words of ${part} in ${code}.`);
  return (await file()).words as Record<Key, Entry>;
}
