/** Members and links for them, who is kept out, what failed, and what was deleted. */
import * as door from '../services/operator';
import type { Blocked, Change, Deletion, Errors, Link, LinkKind, Member } from '../services/operator';
import { ApiError } from '../services/api';
import { operatorWords, type OperatorKey } from './operatorwords';
import { Poll } from './poll.svelte';
import { sentenceOf } from './problem';

export type { Block, Deletion, Failure, Link, LinkKind, Member, Role, Setting, Turned } from '../services/operator';

// Codes that mean something closer here than elsewhere.
const CLOSER: Record<string, OperatorKey> = { conflict: 'fault.last', not_found: 'fault.nobody' };

/** Does it; returns what went wrong, in words, or null. */
async function tried(act: () => Promise<unknown>): Promise<string | null> {
  try {
    await act();
    return null;
  } catch (error) {
    const closer = error instanceof ApiError ? CLOSER[error.code] : undefined;
    return closer ? operatorWords.t(closer) : sentenceOf(error);
  }
}

/** A list of which more can be had. */
class Pages<Item> {
  items = $state.raw<Item[] | null>(null);
  next = $state<string | null>(null);
  problem = $state<string | null>(null);
  loading = $state(false);
  #asked = 0;

  constructor(private readonly ask: (before: string | null) => Promise<{ items: Item[]; next: string | null }>) {}

  /** From the beginning, or what follows. */
  async load(more = false): Promise<void> {
    const number = ++this.#asked;
    this.loading = true;
    try {
      const page = await this.ask(more ? this.next : null);
      if (number !== this.#asked) return;
      this.items = more ? [...(this.items ?? []), ...page.items] : page.items;
      this.next = page.next;
      this.problem = null;
    } catch (error) {
      if (number !== this.#asked) return;
      this.problem = sentenceOf(error);
    }
    this.loading = false;
  }
}

class Members extends Pages<Member> {
  name = $state('');

  constructor() {
    super((before) => door.members(this.name.trim(), before));
  }

  change(id: string, fields: Change): Promise<string | null> {
    return tried(async () => {
      const changed = await door.change(id, fields);
      this.items = (this.items ?? []).map((one) => (one.id === id ? changed : one));
    });
  }
}

class Links {
  made = $state.raw<Link | null>(null);

  make(kind: LinkKind, fields: { name?: string; tier?: string }): Promise<string | null> {
    return tried(async () => {
      const link = await door.link(kind, fields);
      // Where the site does not know its own address, it is the one that is open here.
      this.made = { ...link, address: new URL(link.address, location.origin).href };
    });
  }
}

class KeptOut extends Poll<Blocked> {
  constructor() {
    super(door.blocked, 10_000);
  }

  block = (subject: string, why: string, hours: number | null): Promise<string | null> =>
    tried(async () => {
      await door.block(subject, why, hours);
      await this.refresh();
    });

  unblock = (subject: string): Promise<string | null> =>
    tried(async () => {
      await door.unblock(subject);
      await this.refresh();
    });
}

export const members = new Members();
export const links = new Links();
export const keptOut = new KeptOut();
export const failures = new Poll<Errors>(door.errors, 5000);
export const deletions = new Pages<Deletion>(door.deletions);
