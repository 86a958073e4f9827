/**
 * A conversation's tree as rows, one a question and one each of several answers to the same. What follows
 * without a branch stays on its level: five hundred questions in a row are no staircase. Pure.
 */
import type { Message } from '../services/wire';

export type Row = {
  readonly id: string;
  readonly role: Message['role'];
  readonly text: string;
  /** From 1. */
  readonly level: number;
  /** Among those of its level at this place, from 1, and how many they are. */
  readonly place: number;
  readonly count: number;
  /** The row that it hangs on; null on the first level. */
  readonly above: string | null;
  /** It is on the branch that is shown. */
  readonly shown: boolean;
  readonly status: Message['status'];
};

type Step = { message: Message; level: number; place: number; count: number; above: string | null };

const WORDS = 90;

export function outlineOf(messages: readonly Message[], path: readonly Message[]): Row[] {
  const children = new Map<string | null, Message[]>();
  const known = new Set(messages.map((message) => message.id));
  for (const message of [...messages].sort((a, b) => Date.parse(a.created_at) - Date.parse(b.created_at))) {
    const parent = message.parent_id !== null && known.has(message.parent_id) ? message.parent_id : null;
    children.set(parent, [...(children.get(parent) ?? []), message]);
  }
  const shown = new Set(path.map((message) => message.id));
  const rows: Row[] = [];
  const steps: Step[] = branching(children.get(null) ?? [], 1, null);
  for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
    const { message, level, place, count, above } = step;
    const named = message.role === 'user' || count > 1;
    if (named) rows.push({ id: message.id, role: message.role, text: firstWords(message.role === 'assistant' ? unmarked(message.content) : message.content), level, place, count, above, shown: shown.has(message.id), status: message.status });
    const next = children.get(message.id) ?? [];
    const begins = named ? message.id : above;
    // Where it branches, the branches hang on what they branch from.
    steps.push(...(next.length > 1 ? branching(next, level + 1, begins) : branching(next, level, above)));
  }
  return rows;
}

const branching = (messages: readonly Message[], level: number, above: string | null): Step[] =>
  messages.map((message, index) => ({ message, level, place: index + 1, count: messages.length, above })).reverse();

/** There is more than one way through it. */
export function branches(messages: readonly Message[]): boolean {
  const parents = new Set<string | null>();
  return messages.some(({ parent_id }) => parents.has(parent_id) || !parents.add(parent_id));
}

/** An answer is Markdown: its marks say nothing in a line. */
const unmarked = (text: string): string =>
  text.slice(0, 8 * WORDS).replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[#*`_~>|]+/g, ' ');

function firstWords(text: string): string {
  const line = text.slice(0, 4 * WORDS).replace(/\s+/g, ' ').trim();
  if (line.length <= WORDS) return line;
  const cut = line.slice(0, WORDS).replace(/[\ud800-\udbff]$/, '');
  return `${/^.{40,}(?= )/.exec(cut)?.[0] ?? cut}…`;
}
