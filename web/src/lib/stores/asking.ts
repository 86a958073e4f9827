/**
 * Asks the site, once: a question whose reply was lost is sent again under the key that it had, and the site
 * answers with the turn that it began the first time. Temporary questions have no key, since the site would
 * have to keep a hash of them: they are sent once.
 */
import * as api from '../services/api';
import type { Asked, Question } from '../services/wire';
import { site } from './site.svelte';

const WAITS_MS = [400, 1600];

/** What was sent last and may have arrived, though no reply came. */
let lost: { wish: string; key: string } | null = null;

/** Raises ApiError. `key`: of a wish that was sent before, perhaps. */
export async function askOnce(question: Question, key?: string): Promise<Asked> {
  if ('temporary' in question) return api.ask(question, null);
  const wish = JSON.stringify(question);
  const own = key ?? (lost?.wish === wish ? lost.key : newKey());
  for (const wait of [...WAITS_MS, null]) {
    try {
      const asked = await api.ask(question, own);
      lost = null;
      return asked;
    } catch (error) {
      if (!mayHaveArrived(error)) {
        lost = null;
        throw error;
      }
      if (wait === null || !navigator.onLine) {
        lost = { wish, key: own };
        void site.load(); // which asks until it is reached again, and tells of it
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
  throw new api.ApiError('unreachable', '', 0);
}

/** No reply came, or another with the same key is being asked at this moment. */
const mayHaveArrived = (error: unknown): boolean =>
  error instanceof api.ApiError && (error.status === 0 || (error.code === 'conflict' && error.retryAfter !== null));

/** Also over plain HTTP, where a browser has no `crypto.randomUUID`. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
