/** The operators' door to training runs and adapters (docs/runs.md, docs/adapters.md). */
import { json } from './api';

export type StageRow = { name: string; done: number; steps: number; tokens: number; seconds: number; tokens_per_s: number | null };
export type RunRow = {
  name: string;
  title: string;
  base: string;
  stages: StageRow[];
  written_at: number;
  tokens: number;
  seconds: number;
  spend: number | null;
  currency: string;
};
/** Columns of equal length. */
export type Curve = { name: string; step: number[]; value: number[] };
export type Line = { name: string; count: number; strict: number; low: number; high: number; tokens: number };
export type Evaluation = { name: string; settings: Record<string, string>; table: Line[] };
export type Talk = { name: string; count: number; same: number; words: number; thought: number; tokens: number };
export type Unread = { file: string; why: 'damaged' | 'too_large' | 'unreadable' };
export type Run = {
  run: RunRow;
  stages: { name: string; curves: Curve[] }[];
  data: { rows: number; tokens: number; held_out: number; hash: string } | null;
  evaluations: Evaluation[];
  talk: Talk[];
  behind: boolean;
  unread_lines: number;
  unread: Unread[];
};
export type Runs = { folders: string[]; items: RunRow[] };

export type Adapter = {
  name: string;
  model: string;
  title: string;
  engine: string;
  state: 'starting' | 'ready' | 'down';
  since: number;
  running: number;
  turns: number;
  finished: number;
  failed: Record<string, number>;
  mean_reasoning_tokens: number | null;
  mean_answer_tokens: number | null;
  mean_seconds: number | null;
};
export type Adapters = {
  current: Adapter;
  candidate: Adapter | null;
  percent: number;
  retiring: Adapter[];
  past: Adapter[];
  available: string[];
};
export type Smoke = { prompt: string; contains: string[] };
export type Tried = { passed: boolean; smoke: { prompt: string; answer: string; passed: boolean; missing: string[] }[]; adapters: Adapters };

const ADAPTERS = '/api/operator/adapters';

export const runs = (): Promise<Runs> => json('GET', '/api/operator/training');
export const run = (name: string): Promise<Run> => json('GET', `/api/operator/training/${encodeURIComponent(name)}`);
export const adapters = (): Promise<Adapters> => json('GET', ADAPTERS);
export const load = (name: string, smoke: Smoke[]): Promise<Tried> => json('POST', `${ADAPTERS}/candidate`, { name, smoke });
export const share = (percent: number): Promise<Adapters> => json('POST', `${ADAPTERS}/share`, { percent });
export const complete = (): Promise<Adapters> => json('POST', `${ADAPTERS}/complete`);
export const rollBack = (): Promise<Adapters> => json('POST', `${ADAPTERS}/rollback`);
