/** The operators' door: the site now and by days, engines, members, who is kept out, settings (docs/watch.md). */
import { json, request } from './api';

export type Percentiles = { count: number; p50_ms: number | null; p90_ms: number | null; p99_ms: number | null };
export type Crowd = { running: number; waiting: number; people_running: number; people_waiting: number };
export type Times = { all: Percentiles; tiers: Record<string, Percentiles> };
export type Counts = { failed: Record<string, number>; refused: Record<string, number> };
export type Engine = {
  name: string;
  state: 'starting' | 'ready' | 'down';
  reason: string | null;
  restarts: number;
  slots: number;
  running: number;
  draining: boolean;
};
export type Crowds = Record<keyof Crowd, number[]>;
/** Columns of equal length. */
export type Samples = {
  every_s: number;
  at: number[];
  all: Crowds;
  tiers: Record<string, Crowds>;
  slots: number[];
  load: number[];
  generated_per_s: number[];
  prompt_per_s: number[];
  first_p50: (number | null)[];
  first_p90: (number | null)[];
  wait_p50: (number | null)[];
  wait_p90: (number | null)[];
  failed: number[];
  refused: number[];
};
export type Now = {
  at: number;
  started_at: number;
  model: string;
  all: Crowd;
  tiers: Record<string, Crowd>;
  slots: { all: number; used: number; utilisation: number };
  load: number;
  tokens_per_s: { generated: number; prompt: number };
  first_token: Times;
  wait: Times;
  last_5_minutes: Counts;
  last_hour: Counts;
  engines: Engine[];
  power: { watts: number | null; measured: boolean | null; about: string; utilisation: number | null };
  samples: Samples;
};
export type By = 'day' | 'hour' | 'model' | 'tier';
export type SumsRow = {
  at: number | null;
  name: string;
  turns: number;
  failed: number;
  stopped: number;
  tokens: { uncached: number; cached: number; reasoning: number; answer: number };
  price: number;
  due: number;
  cost: number;
  energy_j: number;
  wait: Percentiles;
  first_token: Percentiles;
};
export type Days = { by: By; zone: string; currency: string; items: SumsRow[]; total: SumsRow; break_even: number | null };
export type Failure = { at: number; code: string; model: string; tier: string; engine: string | null };
export type Errors = { items: Failure[]; last_5_minutes: Counts; last_hour: Counts };
export type Block = { subject: string; why: string; at: number; until: number | null };
export type Turned = { person: string; network: string | null; tier: string; code: string; times: number; at: number };
export type Blocked = { members: { id: string; name: string | null; why: string; at: number }[]; blocks: Block[]; refused: Turned[] };
export type Setting = { name: string; value: string; default: string; source: string; about: string };
export type Role = 'member' | 'operator';
export type Member = {
  id: string;
  name: string | null;
  role: Role;
  tier: string;
  created_at: string;
  seen_at: string;
  blocked_at: string | null;
  blocked_why: string | null;
  has_password: boolean;
};
export type Change = { role?: Role; tier?: string; blocked?: boolean; why?: string };
export type LinkKind = 'invite' | 'password' | 'operator';
export type Link = { kind: LinkKind; address: string; expires_at: string };
export type Deletion = { at: string; rule: string; kind: string; before: string | null; count: number; digest: string; left: number };
type Page<Item> = { items: Item[]; next: string | null };

const at = encodeURIComponent;
const query = (fields: Record<string, string | null>): string => {
  const told = Object.entries(fields).filter((field): field is [string, string] => field[1] !== null && field[1] !== '');
  return told.length === 0 ? '' : `?${new URLSearchParams(told).toString()}`;
};

export const now = (since: number): Promise<Now> => json('GET', `/api/operator/now${since > 0 ? `?since=${since}` : ''}`);
export const days = (by: By, from: string, to: string): Promise<Days> => json('GET', `/api/operator/days${query({ by, from, to })}`);
export const errors = (): Promise<Errors> => json('GET', '/api/operator/errors');
export const blocked = (): Promise<Blocked> => json('GET', '/api/operator/blocked');
export const block = (subject: string, why: string, hours: number | null): Promise<Block> =>
  json('POST', '/api/operator/blocks', { subject, why, ...(hours === null ? {} : { hours }) });
export const drain = (name: string, on: boolean): Promise<Engine> => json('POST', `/api/operator/engines/${at(name)}/drain`, { on });
export const settings = (): Promise<{ items: Setting[] }> => json('GET', '/api/operator/settings');
export const members = (name: string, before: string | null): Promise<Page<Member>> => json('GET', `/api/operator/members${query({ name, before })}`);
export const change = (id: string, fields: Change): Promise<Member> => json('PATCH', `/api/operator/members/${at(id)}`, fields);
export const link = (kind: LinkKind, fields: { name?: string; tier?: string }): Promise<Link> => json('POST', '/api/operator/links', { kind, ...fields });
export const deletions = (before: string | null): Promise<Page<Deletion>> => json('GET', `/api/operator/deletions${query({ before })}`);

export async function unblock(subject: string): Promise<void> {
  await request('DELETE', `/api/operator/blocks/${at(subject)}`);
}
