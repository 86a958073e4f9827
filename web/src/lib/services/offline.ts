/**
 * What this device keeps of one's own conversations, to be read without a network: the site's last answers, in
 * IndexedDB, each under the mark of the person that it was given to. Nobody else's mark finds it.
 */
import { choices, KEPT_FOR, KEPT_HEADER } from './kept';

/** `updated`: of a conversation, when it last changed; '' of all else. `usedAt`: when it was written or read (ms). */
export type Kept = { person: string; path: string; updated: string; bytes: number; usedAt: number };

const NAME = 'thinkwell';
const MOST_BYTES = 50_000_000;
const MOST_CONVERSATIONS = 200;
export const CONVERSATION = '/api/conversations/';

type Key = [person: string, path: string];

let opening: Promise<IDBDatabase> | null = null;

function opened(): Promise<IDBDatabase> {
  opening ??= new Promise<IDBDatabase>((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore('notes', { keyPath: ['person', 'path'] });
      asked.result.createObjectStore('bodies');
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error ?? new Error('the storage cannot be opened'));
  }).catch((error: unknown) => {
    opening = null;
    throw error;
  });
  return opening;
}

/** One transaction over both stores. Resolves when it is written. */
async function during<T>(mode: IDBTransactionMode, act: (notes: IDBObjectStore, bodies: IDBObjectStore) => IDBRequest<T> | null): Promise<T | undefined> {
  const transaction = (await opened()).transaction(['notes', 'bodies'], mode);
  const asked = act(transaction.objectStore('notes'), transaction.objectStore('bodies'));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(asked?.result);
    transaction.onabort = () => reject(transaction.error ?? new Error('the storage is full'));
  });
}

/** For whom is kept; null where nothing is. */
export const keptFor = (): string | null => choices.read(KEPT_FOR);

export const keepFor = (person: string): void => choices.write(KEPT_FOR, person);

export async function keep(person: string, path: string, body: unknown, updated = ''): Promise<void> {
  const text = JSON.stringify(body);
  const note: Kept = { person, path, updated, bytes: 2 * text.length, usedAt: Date.now() };
  await during('readwrite', (notes, bodies) => {
    // Asked for in the same moment: whoever left since then leaves nothing behind.
    if (keptFor() !== person) return null;
    notes.put(note);
    return bodies.put(text, [person, path]);
  });
  if (path.startsWith(CONVERSATION)) await trim(person);
}

export async function forget(person: string, path: string): Promise<void> {
  await drop([[person, path]]);
}

async function drop(keys: Key[]): Promise<void> {
  if (keys.length === 0) return;
  await during('readwrite', (notes, bodies) => {
    for (const key of keys) {
      notes.delete(key);
      bodies.delete(key);
    }
    return null;
  });
}

/** What is kept of a person's, without its text. */
export async function known(person: string): Promise<Kept[]> {
  const all = (await during<Kept[]>('readonly', (notes) => notes.getAll())) ?? [];
  return all.filter((one) => one.person === person);
}

/** Those longest not looked at go first. */
async function trim(person: string): Promise<void> {
  const held = (await known(person)).filter(({ path }) => path.startsWith(CONVERSATION)).sort((a, b) => b.usedAt - a.usedAt);
  let bytes = 0;
  const over = held.filter((one, index) => (bytes += one.bytes) > MOST_BYTES || index >= MOST_CONVERSATIONS);
  await drop(over.map(({ path }) => [person, path]));
}

/** The site's last answer to this person, as one of its own; null where there is none. */
export async function answer(path: string): Promise<Response | null> {
  const person = keptFor();
  if (person === null) return null;
  const text = await during<string>('readonly', (_, bodies) => bodies.get([person, path]));
  return text === undefined ? null : new Response(text, { headers: { 'content-type': 'application/json', [KEPT_HEADER]: '1' } });
}

/** All that is kept, whoever's it is, but for that of `person`. */
export async function wipe(person: string | null = null): Promise<void> {
  if (person === null) {
    choices.write(KEPT_FOR, '');
    await during('readwrite', (notes, bodies) => {
      notes.clear();
      bodies.clear();
      return null;
    });
    return;
  }
  const all = (await during<Kept[]>('readonly', (notes) => notes.getAll())) ?? [];
  await drop(all.filter((one) => one.person !== person).map((one) => [one.person, one.path]));
}
