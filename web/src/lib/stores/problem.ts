/** An error of the site or the network -> a sentence in the reader's language. */
import { ApiError } from '../services/api';
import { minuteAfter } from '../turn/start';
import { t, words, type Key } from './words.svelte';

const KNOWN: Record<string, Key> = {
  unreachable: 'error.unreachable',
  not_found: 'error.not_found',
  conflict: 'error.conflict',
  too_large: 'error.too_large',
  context_length_exceeded: 'error.context_length_exceeded',
  line_full: 'error.line_full',
  too_many_tries: 'error.too_many_tries',
  wrong_sign_in: 'error.wrong_sign_in',
  name_taken: 'error.name_taken',
  link_used: 'error.link_used',
  blocked: 'error.blocked',
  not_signed_in: 'error.not_signed_in',
  over_quota: 'error.over_quota',
  budget_spent: 'error.budget_spent',
  too_many_at_once: 'error.too_many_at_once',
  forbidden: 'error.forbidden',
  out_of_scope: 'error.out_of_scope',
  sign_in_over: 'error.sign_in_over',
  provider_unavailable: 'error.provider_unavailable',
  provider_broken: 'error.provider_broken',
  proof_refused: 'error.proof_refused',
  log_expired: 'error.log_expired',
  engine_unavailable: 'error.engine_unavailable',
  engine_refused: 'error.engine_refused',
  engine_broken: 'error.engine_broken',
  engine_stalled: 'error.engine_stalled',
  storage_full: 'error.storage_full',
  storage_unavailable: 'error.storage_unavailable',
  interrupted: 'error.interrupted',
};
// Where the time at which it is possible again is worth more than "later".
const TIMED = new Set(['over_quota', 'too_many_tries']);

export const isKnown = (code: string): boolean => Object.hasOwn(KNOWN, code);

/** The site's own sentence stands in where its code is not known here. `againS`: seconds from now. */
export function sentence(code: string, message: string, againS: number | null = null): string {
  const key = isKnown(code) ? KNOWN[code] : undefined;
  const problem = key ? t(key) : message || t('error.other');
  if (againS === null || !TIMED.has(code)) return problem;
  return t('error.againAt', { problem, when: words.moment(minuteAfter(Date.now(), againS)) });
}

export const sentenceOf = (error: unknown): string =>
  error instanceof ApiError ? sentence(error.code, error.message, error.retryAfter) : t('error.other');
