/** Proofs of work: the worker that solves them, and giving them to the site. Loaded when one is asked for. */
import { request } from './api';
import workerUrl from './proofworker?worker&url';
import type { Challenge } from './wire';

type Policy = { createScriptURL(url: string): string };
type Factory = { createPolicy(name: string, rules: Policy): Policy };

let policy: Policy | undefined;

/** The site's policy lets nothing become a script but what this rule lets through: our own worker. */
function scriptUrl(): string {
  const factory = (globalThis as { trustedTypes?: Factory }).trustedTypes;
  if (factory === undefined) return workerUrl;
  policy ??= factory.createPolicy('thinkwell-worker', {
    createScriptURL(url) {
      if (url !== workerUrl) throw new TypeError('not a script of this page');
      return url;
    },
  });
  return policy.createScriptURL(workerUrl);
}

/** The payload, or null where none was found. Raises where the browser has no workers, and when it is ended. */
export function work(challenge: Challenge, ended: AbortSignal): Promise<string | null> {
  return new Promise((resolve, reject) => {
    if (ended.aborted) return reject(new Error('ended'));
    const worker = new Worker(scriptUrl());
    const end = (settle: () => void): void => {
      worker.terminate();
      settle();
    };
    worker.onmessage = ({ data }: MessageEvent<string | null>) => end(() => resolve(data));
    worker.onerror = () => end(() => reject(new Error('the worker failed')));
    ended.addEventListener('abort', () => end(() => reject(new Error('ended'))));
    worker.postMessage(challenge);
  });
}

export async function give(payload: string): Promise<void> {
  await request('POST', '/api/proof', { payload });
}
