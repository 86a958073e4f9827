/** An error of the site or the network -> a sentence in the reader's language. */
import { ApiError } from '../services/api';
import { t, type Key } from './words.svelte';

const KNOWN: Record<string, Key> = {
  unreachable: 'error.unreachable',
  not_found: 'error.not_found',
  conflict: 'error.conflict',
  too_large: 'error.too_large',
  context_length_exceeded: 'error.context_length_exceeded',
  line_full: 'error.line_full',
  engine_unavailable: 'error.engine_unavailable',
  engine_refused: 'error.engine_refused',
  engine_broken: 'error.engine_broken',
  engine_stalled: 'error.engine_stalled',
  storage_full: 'error.storage_full',
  storage_unavailable: 'error.storage_unavailable',
  interrupted: 'error.interrupted',
};

/** The site's own sentence stands in where its code is not known here. */
export function sentence(code: string, message: string): string {
  const key = KNOWN[code];
  return key ? t(key) : message || t('error.other');
}

export const sentenceOf = (error: unknown): string =>
  error instanceof ApiError ? sentence(error.code, error.message) : t('error.other');
