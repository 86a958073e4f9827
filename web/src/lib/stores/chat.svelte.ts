/** The conversation that is open: its tree, the branch that is shown, and its running turns. */
import { SvelteMap } from 'svelte/reactivity';
import * as api from '../services/api';
import type { FileBody, Message, Question } from '../services/wire';
import { blank } from '../tree/blank';
import { leafUnder, pathTo } from '../tree/tree';
import { bodiesOf, headOf, sent } from '../files/heads';
import { saidUpTo } from '../turn/history';
import { settle, type TurnView } from '../turn/view';
import { conversations } from './conversations.svelte';
import { effort } from './effort.svelte';
import { LiveTurn } from './live.svelte';
import { sentenceOf } from './problem';
import { quota } from './quota.svelte';
import { pathOf, route } from './route.svelte';
import { site } from './site.svelte';

type State = 'empty' | 'loading' | 'ready' | 'missing' | 'failed';

// Stand-ins until the site has given the real ids.
const [QUESTION, ANSWER] = ['sending:question', 'sending:answer'] as const;
const REREAD_MS = 1500;
const LONGEST_REREAD_MS = 20_000;

class Chat {
  id = $state<string | null>(null);
  state = $state<State>('empty');
  messages = $state.raw<readonly Message[]>([]);
  head = $state<string | null>(null);
  problem = $state<string | null>(null);
  sending = $state(false);
  /** Nothing of it is stored: it is here alone, and ends with this page. */
  temporary = $state(false);
  readonly lives = new SvelteMap<string, LiveTurn>();
  readonly path = $derived(pathTo(this.messages, this.head));
  readonly #running = $derived(this.path.map((message) => this.lives.get(message.id)).find((live) => live !== undefined));
  #ownTitle = $state('');
  #visit = 0;

  get title(): string {
    return conversations.titleOf(this.id) ?? this.#ownTitle;
  }

  /** The turn of the branch that is shown, while it runs. */
  get running(): LiveTurn | undefined {
    return this.#running;
  }

  startNew(): void {
    this.#leave();
    this.state = 'empty';
  }

  /** To be said before the first question. */
  beTemporary(is: boolean): void {
    if (this.state === 'empty' && !this.sending) this.temporary = is;
  }

  /** The page goes: nobody could ever read on in a temporary conversation. */
  abandon(): void {
    if (!this.temporary) return;
    for (const live of this.lives.values()) api.abandon(live.turnId);
  }

  async open(id: string): Promise<void> {
    if (id === this.id && this.state === 'ready') return;
    this.#leave();
    this.id = id;
    this.state = 'loading';
    await this.#load(this.#visit);
  }

  /** A new question below `parentId` (null: a new beginning). True when the site took it. */
  async ask(content: string, parentId: string | null, files: FileBody[] = []): Promise<boolean> {
    const text = typeof content.toWellFormed === 'function' ? content.toWellFormed() : content;
    const created_at = this.#now();
    const question: Message = { ...blank(QUESTION, parentId, 'user', created_at), content: text, files: files.map(headOf) };
    const place = this.id === null ? {} : { conversation_id: this.id, parent_id: parentId };
    const body = this.temporary ? this.#unstored(text, parentId, files) : { content: text, ...sent(files), ...place };
    return this.#send(body, [question, blank(ANSWER, QUESTION, 'assistant', created_at)]);
  }

  /** Another answer to a question, beside the ones there are; with its full thought, whoever waits. */
  async answerAgain(questionId: string, fullThought = false): Promise<boolean> {
    const question = this.messages.find((message) => message.id === questionId);
    const answer = blank(ANSWER, questionId, 'assistant', this.#now());
    const stored = this.id === null ? null : { conversation_id: this.id, regenerate: questionId };
    const body = this.temporary && question ? this.#unstored(question.content, question.parent_id, bodiesOf(question.files ?? [])) : stored;
    if (body === null) return false;
    return this.#send(fullThought ? { ...body, full_thought: true } : body, [answer]);
  }

  async stop(): Promise<void> {
    const live = this.running;
    if (live === undefined || live.stopping) return;
    live.stopping = true;
    try {
      await api.stop(live.turnId);
    } catch (error) {
      live.stopping = false;
      this.problem = sentenceOf(error);
    }
  }

  /** Shows another branch, and lets the site remember it. */
  async show(messageId: string): Promise<void> {
    this.head = leafUnder(this.messages, messageId);
    if (this.id === null) return;
    try {
      await api.change(this.id, { head_id: this.head });
    } catch (error) {
      this.problem = sentenceOf(error);
    }
  }

  #unstored(text: string, parentId: string | null, files: FileBody[] = []): Question {
    return { temporary: true, text, history: saidUpTo(this.messages, parentId), ...sent(files) };
  }

  async #send(body: Question, added: Message[]): Promise<boolean> {
    const visit = this.#visit;
    const temporary = this.temporary;
    const before = { messages: this.messages, head: this.head, state: this.state };
    this.problem = null;
    this.sending = true;
    this.messages = [...this.messages, ...added];
    this.head = ANSWER;
    this.state = 'ready';
    try {
      await site.met;
      const asked = await api.ask({ ...body, ...effort.asked });
      if (visit !== this.#visit) {
        if (temporary) api.abandon(asked.turn_id);
        return true; // the reader went elsewhere meanwhile; a turn that is stored runs on
      }
      const answerId = asked.answer_id ?? `${asked.turn_id}:answer`;
      const names: Record<string, string> = { [QUESTION]: asked.question_id ?? `${asked.turn_id}:question`, [ANSWER]: answerId };
      const named = (id: string): string => names[id] ?? id;
      this.messages = this.messages.map((message) => ({
        ...message,
        id: named(message.id),
        parent_id: message.parent_id === null ? null : named(message.parent_id),
        turn_id: message.id === ANSWER ? asked.turn_id : message.turn_id,
      }));
      this.head = answerId;
      this.#follow(answerId, asked.turn_id, Date.now(), false);
      if (this.id === null && asked.conversation_id !== null) {
        this.id = asked.conversation_id;
        route.go(pathOf(asked.conversation_id));
      }
      if (!temporary) void conversations.refresh();
      return true;
    } catch (error) {
      quota.refused(error);
      if (visit === this.#visit) Object.assign(this, before, { problem: sentenceOf(error) });
      return false;
    } finally {
      if (visit === this.#visit) this.sending = false;
    }
  }

  async #load(visit: number): Promise<void> {
    const id = this.id;
    if (id === null) return;
    try {
      const { conversation, siteNow } = await api.conversation(id);
      if (visit !== this.#visit) return;
      this.#ownTitle = conversation.title;
      this.messages = conversation.messages;
      this.head = conversation.head_id;
      this.state = 'ready';
      for (const message of conversation.messages) {
        const age = siteNow - Date.parse(message.created_at);
        const known = this.lives.get(message.id);
        if (message.status !== 'streaming') {
          known?.close();
          this.lives.delete(message.id);
        } else if (message.turn_id !== null && known === undefined) {
          this.#follow(message.id, message.turn_id, Date.now() - age, true);
        }
      }
    } catch (error) {
      if (visit !== this.#visit) return;
      const missing = error instanceof api.ApiError && error.status === 404;
      this.state = missing ? 'missing' : 'failed';
    }
  }

  async retryLoad(): Promise<void> {
    this.state = 'loading';
    await this.#load(this.#visit);
  }

  #follow(answerId: string, turnId: string, at: number, resumed: boolean): void {
    const visit = this.#visit;
    const thinks = effort.offered.length > 0 && effort.chosen !== 'none';
    const live = new LiveTurn(turnId, { at, resumed, thinks }, {
      ended: (view) => this.#settled(answerId, view),
      gone: () => {
        // What is not stored cannot be read again: what came is what there is.
        if (this.temporary) this.#settled(answerId, { ...live.view, ending: { kind: 'interrupted' } });
        else void this.#reread(answerId, visit, REREAD_MS);
      },
    });
    this.lives.set(answerId, live);
  }

  #settled(answerId: string, view: TurnView): void {
    this.messages = this.messages.map((message) => (message.id === answerId ? settle(message, view) : message));
    this.lives.delete(answerId);
    if (!this.temporary) void conversations.refresh();
    void quota.load();
  }

  /** The events are no longer kept: the stored answer says how it ended, at once or soon. */
  async #reread(answerId: string, visit: number, wait: number): Promise<void> {
    if (visit !== this.#visit) return;
    const head = this.head;
    try {
      const { conversation } = await api.conversation(this.id ?? '');
      if (visit !== this.#visit) return;
      const stored = conversation.messages.find((message) => message.id === answerId);
      if (stored?.status !== 'streaming') {
        this.messages = conversation.messages;
        this.head = head;
        this.lives.delete(answerId);
        return;
      }
    } catch (error) {
      if (error instanceof api.ApiError && error.status === 404) {
        this.state = 'missing';
        return;
      }
    }
    setTimeout(() => void this.#reread(answerId, visit, Math.min(wait * 2, LONGEST_REREAD_MS)), wait);
  }

  #leave(): void {
    this.#visit += 1;
    this.abandon();
    this.temporary = false;
    for (const live of this.lives.values()) live.close();
    this.lives.clear();
    this.id = null;
    this.messages = [];
    this.head = null;
    this.problem = null;
    this.sending = false;
    this.#ownTitle = '';
  }

  /** Not earlier than what the site wrote last, whatever this device's clock says. */
  #now(): string {
    const newest = Math.max(Date.now(), ...this.messages.map((message) => Date.parse(message.created_at)));
    return new Date(newest).toISOString();
  }
}

export const chat = new Chat();
