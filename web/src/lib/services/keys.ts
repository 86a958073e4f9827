/** One's API keys over HTTP. Money in millionths of the site's currency, tokens weighted. */
import { json, request } from './api';

export const DOORS = ['chat', 'responses', 'messages', 'embeddings', 'models'] as const;
export type Door = (typeof DOORS)[number];

/** What a key may do; null: without bound. */
export type Bounds = {
  name: string;
  doors: Door[] | null;
  models: string[] | null;
  budget_money: number | null;
  budget_tokens: number | null;
  expires_at: string | null;
};

export type ApiKey = Bounds & {
  id: string;
  hint: string;
  created_at: string;
  used_at: string | null;
  revoked_at: string | null;
  spent: { money: number; tokens: number; turns: number };
};

export type KeyList = { items: ApiKey[]; currency: string; most: number };

const at = encodeURIComponent;

export const keys = (): Promise<KeyList> => json('GET', '/api/keys');

/** With its text, which is told this once. */
export const createKey = (bounds: Bounds): Promise<{ key: string; item: ApiKey }> => json('POST', '/api/keys', bounds);

export const changeKey = (id: string, bounds: Bounds): Promise<ApiKey> => json('PATCH', `/api/keys/${at(id)}`, bounds);

export async function revokeKey(id: string): Promise<void> {
  await request('DELETE', `/api/keys/${at(id)}`);
}
