/** What is wrong with what was typed, or was answered -> a sentence, and the field that it stands beside. */
import { ApiError } from '../services/api';
import { clock, w, type WelcomeKey } from './accountwords.svelte';
import { sentence } from './problem';
import { t, words } from './words.svelte';

export type Field = 'name' | 'password' | 'current' | 'form';
/** `code` is the site's, where it was the site that refused. */
export type Fault = { field: Field; text: string; code?: string };

const LEAST_NAME = 3;
const MOST_NAME = 64;
const LEAST_PASSWORD = 8;
const MOST_PASSWORD = 1024;

const DEVICE: Record<string, WelcomeKey> = {
  NotAllowedError: 'passkey.no',
  InvalidStateError: 'passkey.have',
  SecurityError: 'passkey.elsewhere',
};

const AT_ORGANISATION: Record<string, WelcomeKey> = {
  sign_in_over: 'failed.over',
  wrong_sign_in: 'failed.no',
  provider_unavailable: 'failed.unreachable',
  provider_broken: 'failed.broken',
  conflict: 'failed.taken',
  forbidden: 'failed.forbidden',
};

/** Why the organisation's sign-in came to nothing. */
export const failedThere = (code: string): string => {
  const key = AT_ORGANISATION[code];
  return key ? w(key) : `${w('failed.title')} ${sentence(code, '')}`;
};

/** Before the site is asked: what it would refuse in any case. The site has the last word. */
export function faultOfName(name: string): Fault | null {
  const text = name.trim().normalize('NFKC');
  const length = [...text].length;
  if (length < LEAST_NAME || length > MOST_NAME) return { field: 'name', text: w('name.length', { least: LEAST_NAME, most: MOST_NAME }) };
  return /^[\p{L}\p{Nd}][\p{L}\p{M}\p{Nd}._@-]*$/u.test(text) ? null : { field: 'name', text: w('name.letters') };
}

export function faultOfPassword(password: string, name: string | null): Fault | null {
  const length = new TextEncoder().encode(password.normalize('NFKC')).length;
  const wrong = (text: string): Fault => ({ field: 'password', text });
  if (length < LEAST_PASSWORD) return wrong(w('password.short', { least: LEAST_PASSWORD }));
  if (length > MOST_PASSWORD) return wrong(w('password.long', { most: MOST_PASSWORD }));
  return name !== null && password.toLowerCase() === name.trim().toLowerCase() ? wrong(w('password.isName')) : null;
}

/** Null where nothing is to be said: the person called it off. */
export function faultOf(error: unknown): Fault | null {
  if (error instanceof DOMException) {
    return error.name === 'AbortError' ? null : { field: 'form', text: w(DEVICE[error.name] ?? 'passkey.failed') };
  }
  if (!(error instanceof ApiError)) return { field: 'form', text: t('error.other') };
  return { field: fieldOf(error), text: textOf(error), code: error.code };
}

function fieldOf({ code, param }: ApiError): Field {
  if (code === 'name_taken') return 'name';
  return param === 'name' || param === 'password' || param === 'current' ? param : 'form';
}

function textOf(error: ApiError): string {
  const { code, message, param, retryAfter } = error;
  if (retryAfter !== null) return inTime(sentence(code, message), retryAfter);
  if (code === 'bad_request' && param === 'name') return w('name.letters');
  if (code === 'bad_request' && param === 'ceremony') return w('passkey.late');
  if (code === 'bad_request' && param === 'credential') return w('passkey.refused');
  if (code === 'wrong_sign_in' && param !== null) return w('password.wrong');
  // Whom an operator keeps out is told why, in the operator's words.
  if (code === 'blocked' && message !== '') return message;
  return sentence(code, message);
}

const inTime = (problem: string, seconds: number): string => {
  const whole = Math.max(1, Math.ceil(seconds));
  return w('again', { problem, time: words.seconds(whole), when: clock(Date.now() + whole * 1000) });
};
