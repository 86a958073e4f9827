/** Colours for code, found in a worker: one piece at a time, and none that takes long. Loaded with the first finished code. */
import workerUrl from './highlightworker?worker&url';
import { scriptUrl } from './scripturl';

/** Text, or what a grammar calls a part of the text. */
export type Part = string | readonly [kind: string, parts: readonly Part[]];

export type Highlight = { language: string; text: string };

const LIMIT_MS = 2_000;
// The first piece waits for the grammars to arrive.
const FIRST_LIMIT_MS = 15_000;
const MAX_CHARS = 60_000;

let worker: Worker | undefined;
let last: Promise<unknown> = Promise.resolve();

/** Null where the language is not known, the code is too long, or its grammar took too long. */
export function highlight(wanted: Highlight): Promise<Part[] | null> {
  if (wanted.text.length > MAX_CHARS || wanted.language === '') return Promise.resolve(null);
  const done = last.then(() => one(wanted));
  last = done;
  return done;
}

function one(wanted: Highlight): Promise<Part[] | null> {
  return new Promise((resolve) => {
    const limit = worker === undefined ? FIRST_LIMIT_MS : LIMIT_MS;
    const works = (worker ??= new Worker(scriptUrl(workerUrl)));
    const settle = (parts: Part[] | null, ends: boolean): void => {
      clearTimeout(timer);
      if (ends) {
        works.terminate();
        worker = undefined;
      }
      resolve(parts);
    };
    const timer = setTimeout(() => settle(null, true), limit);
    works.onmessage = ({ data }: MessageEvent<Part[] | null>) => settle(data, false);
    works.onerror = () => settle(null, true);
    works.postMessage(wanted);
  });
}
