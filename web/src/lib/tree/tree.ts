/**
 * A conversation is a tree: an edit or another answer is a branch. Pure look-ups over its messages, by an
 * index that is made once for each list of them: a long conversation asks for every message's place in it.
 */
import type { Message } from '../services/wire';

export type Branches = { readonly index: number; readonly ids: readonly string[] };

type Index = {
  readonly byId: ReadonlyMap<string, Message>;
  /** By their parent, the oldest first. */
  readonly children: ReadonlyMap<string | null, readonly Message[]>;
  readonly newest: Message | undefined;
};

const NONE: readonly Message[] = [];
const indexes = new WeakMap<readonly Message[], Index>();

function indexOf(messages: readonly Message[]): Index {
  const known = indexes.get(messages);
  if (known !== undefined) return known;
  const ages = new Map(messages.map((message) => [message, Date.parse(message.created_at)]));
  const ordered = [...messages].sort((a, b) => (ages.get(a) ?? 0) - (ages.get(b) ?? 0));
  const children = new Map<string | null, Message[]>();
  for (const message of ordered) {
    const siblings = children.get(message.parent_id);
    if (siblings === undefined) children.set(message.parent_id, [message]);
    else siblings.push(message);
  }
  const made = { byId: new Map(messages.map((message) => [message.id, message])), children, newest: ordered.at(-1) };
  indexes.set(messages, made);
  return made;
}

export function childrenOf(messages: readonly Message[], parentId: string | null): readonly Message[] {
  return indexOf(messages).children.get(parentId) ?? NONE;
}

/** The newest leaf below a message, by way of the newest child at each step. */
export function leafUnder(messages: readonly Message[], id: string): string {
  let at = id;
  for (let steps = 0; steps <= messages.length; steps += 1) {
    const newest = childrenOf(messages, at).at(-1);
    if (newest === undefined) break;
    at = newest.id;
  }
  return at;
}

/** From the first question to the leaf that is shown; an unknown head falls back to the newest message. */
export function pathTo(messages: readonly Message[], headId: string | null): Message[] {
  const { byId, newest } = indexOf(messages);
  const start = headId !== null && byId.has(headId) ? headId : newest?.id;
  if (start === undefined) return [];
  const path: Message[] = [];
  const seen = new Set<string>();
  let at = byId.get(leafUnder(messages, start));
  while (at !== undefined && !seen.has(at.id)) {
    seen.add(at.id);
    path.push(at);
    at = at.parent_id === null ? undefined : byId.get(at.parent_id);
  }
  return path.reverse();
}

/** A message among its siblings: what "2 / 3" needs. */
export function branchesOf(messages: readonly Message[], message: Message): Branches {
  const ids = childrenOf(messages, message.parent_id).map((sibling) => sibling.id);
  return { index: ids.indexOf(message.id), ids };
}

/** A path as it is read: a question, or an answer with all that went on with it. */
export function partsOf(path: readonly Message[]): Message[][] {
  const parts: Message[][] = [];
  for (const message of path) {
    const before = parts.at(-1);
    if (before?.[0]?.role === 'assistant' && message.role === 'assistant') before.push(message);
    else parts.push([message]);
  }
  return parts;
}
