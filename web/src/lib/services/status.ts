/** The public page's door (docs/watch.md). Times are milliseconds since 1970. */
import { json } from './api';

export type Word = 'quiet' | 'busy' | 'full' | 'starting' | 'down';
export type Wait = { p50_ms: number; p90_ms: number; first_token_p50_ms: number | null; first_token_p90_ms: number | null };
export type Made = { answers: number; prompt_tokens: number; generated_tokens: number; energy_j: number | null; wait: Wait | null };
export type Hour = { at: number; made: Made | null };
export type Status = {
  at: number;
  name: string;
  model: string;
  now: { word: Word; running: number; waiting: number; slots: number; utilisation: number; tokens_per_s: number; wait: Wait | null };
  /** Null: nothing is known of energy. */
  energy_measured: boolean | null;
  hours: Hour[];
  week: Made;
};

export const status = (): Promise<Status> => json('GET', '/api/status');
