/** Where the words of each part of the page are: one file a part and a language, fetched when it is wanted. */
import type { Entry } from './entry';
import type { Code } from './languages';

type File = { words: Record<string, Entry> };

const files = import.meta.glob<File>('./*/??.ts');

/** Rejects where the words do not arrive, or there are none. */
export async function load<Key extends string>(part: string, code: Code): Promise<Record<Key, Entry>> {
  const file = files[`./${part}/${code}.ts`];
  if (file === undefined) throw new Error(`There are no words of ${part} in ${code}.`);
  return (await file()).words as Record<Key, Entry>;
}
