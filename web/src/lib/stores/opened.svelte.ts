/** The conversation that is open, as it is read: its tree, the branch that is shown, its running turns. */
import * as api from '../services/api';
import type { Message } from '../services/wire';
import { merged } from '../tree/merge';
import { partsOf, pathTo } from '../tree/tree';
import { settle, viewOf, type TurnView } from '../turn/view';
import { conversations } from './conversations.svelte';
import { effort } from './effort.svelte';
import { tellEnded } from './ended';
import { LiveTurn } from './live.svelte';
import { quota } from './quota.svelte';

export type State = 'empty' | 'loading' | 'ready' | 'missing' | 'failed';

const REREAD_MS = 1500;
const LONGEST_REREAD_MS = 20_000;

export class Opened {
  id = $state<string | null>(null);
  state = $state<State>('empty');
  messages = $state.raw<readonly Message[]>([]);
  head = $state<string | null>(null);
  problem = $state<string | null>(null);
  sending = $state(false);
  /** Nothing of it is stored: it is here alone, and ends with this page. */
  temporary = $state(false);
  /** The turns that run, by their answers. */
  lives = $state.raw<ReadonlyMap<string, LiveTurn>>(new Map());
  readonly path = $derived(pathTo(this.messages, this.head));
  readonly #parts = $derived(new Map(partsOf(this.path).map((parts) => [parts[0]?.id, parts])));
  /** The path as it is read: what went on with an answer is a part of it. */
  readonly shown = $derived([...this.#parts.values()].flatMap(([first]) => first ?? []));
  readonly #running = $derived(this.path.map((message) => this.lives.get(message.id)).find((live) => live !== undefined));
  #ownTitle = $state('');
  /** What the site calls the state in which it was read last. */
  #tag: string | null = null;
  /** What was asked for before the page could show anything. */
  #ahead: { id: string; read: Promise<api.Read> } | null = null;
  /** Counts what was opened: what is answered to an earlier visit is no longer wanted. */
  visit = $state(0);

  get title(): string {
    return conversations.titleOf(this.id) ?? this.#ownTitle;
  }

  /** The turn of the branch that is shown, while it runs. */
  get running(): LiveTurn | undefined {
    return this.#running;
  }

  /** What a next question is below: the last answer. A question that nobody answered has another beside it. */
  get end(): string | null {
    const last = this.path.at(-1);
    return (last?.role === 'user' ? last.parent_id : last?.id) ?? null;
  }

  /** A question or an answer of `shown`, with all that went on with it. */
  partsOf(message: Message): readonly Message[] {
    return this.#parts.get(message.id) ?? [message];
  }

  startNew(): void {
    this.leave();
    this.state = 'empty';
  }

  /** The page goes: nobody could ever read on in a temporary conversation. */
  abandon(): void {
    if (!this.temporary) return;
    for (const live of this.lives.values()) api.abandon(live.turnId);
  }

  /** Asks for a conversation that will be opened at once when the page is there. */
  expect(id: string): void {
    const read = api.conversation(id);
    read.catch(() => undefined); // told to who opens it
    this.#ahead = { id, read };
  }

  async open(id: string): Promise<void> {
    if (id === this.id && this.state === 'ready') return;
    this.leave();
    this.id = id;
    this.state = 'loading';
    await this.#load(this.visit);
  }

  async retryLoad(): Promise<void> {
    this.state = 'loading';
    await this.#load(this.visit);
  }

  /** Looks whether it changed elsewhere. True where it did. Raises ApiError where the site cannot be asked. */
  async lookAgain(): Promise<boolean> {
    const [id, visit] = [this.id, this.visit];
    if (id === null || this.state !== 'ready' || this.sending || this.temporary) return false;
    try {
      const found = await api.conversationSince(id, this.#tag);
      // A question that is being sent has no id yet: the next look is soon.
      if (found === null || visit !== this.visit || this.sending) return false;
      this.#take(found, visit);
      return true;
    } catch (error) {
      if (visit === this.visit && error instanceof api.ApiError && error.status === 404) this.state = 'missing';
      throw error;
    }
  }

  async #load(visit: number): Promise<void> {
    const id = this.id;
    if (id === null) return;
    try {
      const ahead = this.#ahead;
      this.#ahead = null;
      const found = await (ahead?.id === id ? ahead.read : api.conversation(id));
      if (visit !== this.visit) return;
      this.head = found.conversation.head_id;
      this.#take(found, visit);
      this.state = 'ready';
    } catch (error) {
      if (visit !== this.visit) return;
      const missing = error instanceof api.ApiError && error.status === 404;
      this.state = missing ? 'missing' : 'failed';
    }
  }

  /** What is shown stays the same branch: it grows by what was asked below it elsewhere. */
  #take({ conversation, siteNow, tag }: api.Read, visit: number): void {
    if (visit !== this.visit) return;
    this.#tag = tag;
    this.#ownTitle = conversation.title;
    this.messages = merged(this.messages, conversation.messages);
    for (const message of conversation.messages) {
      const known = this.lives.get(message.id);
      if (message.status !== 'streaming') this.#endedElsewhere(message, known);
      else if (message.turn_id !== null && known === undefined) {
        this.follow(message.id, message.turn_id, Date.now() - (siteNow - Date.parse(message.created_at)), true);
      }
    }
  }

  /** Its stream was lost before its ending came. */
  #endedElsewhere(message: Message, live: LiveTurn | undefined): void {
    if (live === undefined) return;
    live.close();
    this.#ended(message.id);
    this.#told(message.id, live, viewOf(message));
  }

  protected follow(answerId: string, turnId: string, at: number, resumed: boolean, goesOn = false): void {
    const visit = this.visit;
    const thinks = !goesOn && effort.offered.length > 0 && effort.chosen !== 'none';
    const live = new LiveTurn(turnId, { at, resumed, thinks }, {
      ended: (view) => this.#settled(answerId, live, view),
      gone: () => {
        // What is not stored cannot be read again: what came is what there is.
        if (this.temporary) this.#settled(answerId, live, { ...live.view, ending: { kind: 'interrupted' } });
        else void this.#reread(answerId, visit, REREAD_MS);
      },
    });
    this.lives = new Map(this.lives).set(answerId, live);
  }

  #settled(answerId: string, live: LiveTurn, view: TurnView): void {
    this.messages = this.messages.map((message) => (message.id === answerId ? settle(message, view) : message));
    this.#ended(answerId);
    if (!this.temporary) void conversations.refresh();
    void quota.load();
    this.#told(answerId, live, view);
  }

  #ended(answerId: string): void {
    this.lives = new Map([...this.lives].filter(([id]) => id !== answerId));
  }

  #told(answerId: string, live: LiveTurn, view: TurnView): void {
    const waitedS = view.receipt?.waited_s ?? view.waitedS;
    tellEnded({ answerId, conversationId: this.id, title: this.title, waitedS, tookS: live.ageS, view });
  }

  /** The events are no longer kept: the stored answer says how it ended, at once or soon. */
  async #reread(answerId: string, visit: number, wait: number): Promise<void> {
    if (visit !== this.visit || !this.lives.has(answerId)) return;
    try {
      const found = await api.conversation(this.id ?? '');
      this.#take(found, visit);
    } catch (error) {
      if (visit === this.visit && error instanceof api.ApiError && error.status === 404) {
        this.state = 'missing';
        return;
      }
    }
    setTimeout(() => void this.#reread(answerId, visit, Math.min(wait * 2, LONGEST_REREAD_MS)), wait);
  }

  protected leave(): void {
    this.visit += 1;
    this.abandon();
    this.temporary = false;
    for (const live of this.lives.values()) live.close();
    this.lives = new Map();
    this.id = null;
    this.messages = [];
    this.head = null;
    this.problem = null;
    this.sending = false;
    this.#ownTitle = '';
    this.#tag = null;
  }
}
