/** A person's own receipts (docs/receipts.md). Amounts are whole millionths of the currency. */
import { json } from './api';
import type { Receipt, Usage } from './events.gen';

export type { Receipt, Usage } from './events.gen';

export type By = 'day' | 'model' | 'conversation' | 'key';
/** Days, both included; empty: without an end. */
export type Chosen = { from: string; to: string; model: string; conversation: string; key: string };
export type Line = {
  turn_id: string;
  asked_at: string;
  conversation_id: string | null;
  conversation_title: string | null;
  key_id: string | null;
  key_name: string | null;
  refunded: number;
  receipt: Receipt;
};
/** `energy` in microjoules; null, as `cost`, where nothing is known of any of the turns. */
export type Sums = { turns: number; usage: Usage; price: number; free: number; due: number; refunded: number; cost: number | null; energy: number | null };
export type Group = { name: string | null; title: string | null; sums: Sums };
export type Summary = { by: By; zone: string; currency: string; total: Sums; items: Group[]; more: boolean };

/** Days begin at the reader's midnight. */
const zone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';

function query(chosen: Chosen, more: Record<string, string | null> = {}): string {
  const fields = { ...chosen, zone: zone(), ...more };
  return new URLSearchParams(Object.entries(fields).filter((field): field is [string, string] => !!field[1])).toString();
}

export const page = (chosen: Chosen, before: string | null): Promise<{ items: Line[]; next: string | null }> =>
  json('GET', `/api/receipts?${query(chosen, { before })}`);
export const summary = (chosen: Chosen, by: By): Promise<Summary> => json('GET', `/api/receipts/summary?${query(chosen, { by })}`);
export const one = (turnId: string): Promise<Receipt> => json('GET', receiptPath(turnId));

export const receiptPath = (turnId: string): string => `/api/turns/${encodeURIComponent(turnId)}/receipt`;
export const filePath = (kind: 'csv' | 'json', chosen: Chosen): string => `/api/receipts.${kind}?${query(chosen)}`;
