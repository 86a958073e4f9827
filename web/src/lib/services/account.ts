/** The door of members over HTTP: signing up and in, one's account, keys, quota and rights. */
import { json, request } from './api';
import type { Me } from './me';

export type { Me, Method } from './me';

const at = encodeURIComponent;

export type NewMember = { name: string; password: string; invite?: string; take_history: boolean };

export const signUp = (body: NewMember): Promise<Me> => json('POST', '/api/sign_up', body);

export const signIn = (body: { name: string; password: string; take_history: boolean }): Promise<Me> =>
  json('POST', '/api/sign_in', body);

export const signOut = (): Promise<Me> => json('POST', '/api/sign_out');

/** Where the browser goes to be signed in by the organisation. */
export function organisationPath(takeHistory: boolean, invite: string | null): string {
  const query = new URLSearchParams({ take_history: String(takeHistory) });
  if (invite !== null) query.set('invite', invite);
  return `/api/sign_in/organisation?${query}`;
}

/** `linked_at`: since when one signs in there with this account; null: one does not. */
export type Organisation = { title: string; linked_at: string | null };

export const organisation = (): Promise<Organisation> => json('GET', '/api/me/organisation');

export async function unlinkOrganisation(): Promise<void> {
  await request('DELETE', '/api/me/organisation');
}

export const rename = (name: string): Promise<Me> => json('PATCH', '/api/me', { name });

export const becomeOperator = (token: string): Promise<Me> => json('POST', '/api/me/link', { token });

/** The name to sign in with. */
export const passwordByLink = (token: string, password: string): Promise<{ name: string }> =>
  json('POST', '/api/password', { token, password });

export async function changePassword(password: string, current: string | null): Promise<void> {
  await request('POST', '/api/me/password', current === null ? { password } : { password, current });
}

export type Session = {
  id: string;
  agent: string;
  created_at: string;
  seen_at: string;
  expires_at: string;
  current: boolean;
};

export const sessions = async (): Promise<Session[]> => (await json<{ items: Session[] }>('GET', '/api/me/sessions')).items;

export async function endSession(id: string): Promise<void> {
  await request('DELETE', `/api/me/sessions/${at(id)}`);
}

export async function endOtherSessions(): Promise<void> {
  await request('DELETE', '/api/me/sessions');
}

export type Passkey = { id: string; called: string; created_at: string; used_at: string | null };

export const passkeys = async (): Promise<Passkey[]> => (await json<{ items: Passkey[] }>('GET', '/api/me/passkeys')).items;

export async function removePasskey(id: string): Promise<void> {
  await request('DELETE', `/api/me/passkeys/${at(id)}`);
}

export type Amount = { limit: number; used: number; held: number; left: number };

/** Money in millionths of the currency, tokens weighted; null where there is no such bound. */
export type Quota = {
  tier: string;
  when_over: 'behind' | 'refuse';
  window_hours: number;
  begins_at: string;
  resets_at: string;
  currency: string;
  used_tokens: number;
  used_money: number;
  tokens: Amount | null;
  money: Amount | null;
  free: Amount | null;
  cap_tokens: Amount | null;
  cap_money: Amount | null;
  most_live: number | null;
  live: number;
  most_thought: number | null;
};

export const quota = (): Promise<Quota> => json('GET', '/api/me/quota');

export type Cap = { tokens: number | null; money: number | null };

export const setCap = (cap: Cap): Promise<Quota> => json('PUT', '/api/me/cap', cap);

/** Null: for ever. */
export type Retention = {
  conversation_days: number | null;
  log_hours: number;
  response_hours: number;
  network_hours: number;
};

export const retention = (): Promise<Retention> => json('GET', '/api/me/retention');

/** `since`: when the person said yes; null where they have not. */
export type Training = { allowed: boolean; since: string | null };

export const training = (): Promise<Training> => json('GET', '/api/me/training');

export const setTraining = (allowed: boolean): Promise<Training> => json('PUT', '/api/me/training', { allowed });

export const EXPORT_PATH = '/api/me/export';

export type Erased = { kind: string; count: number; digest: string };

export const erase = async (password: string | null): Promise<Erased[]> => {
  const body = password === null ? { confirm: 'erase' } : { confirm: 'erase', password };
  return (await json<{ erased: Erased[] }>('DELETE', '/api/me', body)).erased;
};
