/** Proofs of work: the worker that solves them, and giving them to the site. Loaded when one is asked for. */
import { request } from './api';
import workerUrl from './proofworker?worker&url';
import { scriptUrl } from './scripturl';
import type { Challenge } from './wire';

/** The payload, or null where none was found. Raises where the browser has no workers, and when it is ended. */
export function work(challenge: Challenge, ended: AbortSignal): Promise<string | null> {
  return new Promise((resolve, reject) => {
    if (ended.aborted) return reject(new Error('ended'));
    const worker = new Worker(scriptUrl(workerUrl));
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
