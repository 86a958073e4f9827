/** The conversation that is open, and what can be done in it: asking, going on, stopping, forking, walking its branches. */
import { bodiesOf, headOf, sent } from '../files/heads';
import * as api from '../services/api';
import type { FileBody, Message, Question } from '../services/wire';
import { blank } from '../tree/blank';
import { leafUnder } from '../tree/tree';
import { saidUpTo } from '../turn/history';
import { wellFormed } from '../turn/wellformed';
import { askOnce } from './asking';
import { conversations } from './conversations.svelte';
import { effort } from './effort.svelte';
import { Opened } from './opened.svelte';
import { sentenceOf } from './problem';
import { quota } from './quota.svelte';
import { pathOf, route } from './route.svelte';
import { site } from './site.svelte';

// Stand-ins until the site has given the real ids.
const [QUESTION, ANSWER] = ['sending:question', 'sending:answer'] as const;

class Chat extends Opened {
  /** To be said before the first question. */
  beTemporary(is: boolean): void {
    if (this.state === 'empty' && !this.sending) this.temporary = is;
  }

  /** A new question below `parentId` (null: a new beginning). True when the site took it. `key`: of a wish that may have been sent before. */
  async ask(content: string, parentId: string | null, files: FileBody[] = [], key?: string): Promise<boolean> {
    const text = wellFormed(content);
    const created_at = this.#now();
    const question: Message = { ...blank(QUESTION, parentId, 'user', created_at), content: text, files: files.map(headOf) };
    const place = this.id === null ? {} : { conversation_id: this.id, parent_id: parentId };
    const body = this.temporary ? this.#unstored(text, parentId, files) : { content: text, ...sent(files), ...place };
    return this.#send(body, [question, blank(ANSWER, QUESTION, 'assistant', created_at)], key);
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

  /** The rest of an answer that was cut off, below it. */
  async goOn(answerId: string): Promise<boolean> {
    const rest = blank(ANSWER, answerId, 'assistant', this.#now());
    const stored = this.id === null ? null : { conversation_id: this.id, go_on: answerId };
    const body = this.temporary ? { temporary: true as const, go_on: 'last' as const, history: saidUpTo(this.messages, answerId) } : stored;
    return body !== null && this.#send(body, [rest]);
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

  /** A conversation of its own, from a copy up to a message; it is opened. */
  async fork(messageId: string, title: string): Promise<boolean> {
    if (this.id === null) return false;
    this.problem = null;
    try {
      const made = await api.fork(this.id, messageId, title);
      void conversations.refresh();
      route.go(pathOf(made.id));
      return true;
    } catch (error) {
      this.problem = sentenceOf(error);
      return false;
    }
  }

  #unstored(text: string, parentId: string | null, files: FileBody[] = []): Question {
    return { temporary: true, text, history: saidUpTo(this.messages, parentId), ...sent(files) };
  }

  async #send(body: Question, added: Message[], key?: string): Promise<boolean> {
    const visit = this.visit;
    const temporary = this.temporary;
    const before = { messages: this.messages, head: this.head, state: this.state };
    this.problem = null;
    this.sending = true;
    this.messages = [...this.messages, ...added];
    this.head = ANSWER;
    this.state = 'ready';
    try {
      await site.met;
      const asked = await askOnce({ ...body, ...effort.asked }, key);
      if (visit !== this.visit) {
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
      this.follow(answerId, asked.turn_id, Date.now(), false, 'go_on' in body);
      if (this.id === null && asked.conversation_id !== null) {
        this.id = asked.conversation_id;
        route.go(pathOf(asked.conversation_id));
      }
      if (!temporary) void conversations.refresh();
      return true;
    } catch (error) {
      quota.refused(error);
      if (visit === this.visit) Object.assign(this, before, { problem: sentenceOf(error) });
      return false;
    } finally {
      if (visit === this.visit) this.sending = false;
    }
  }

  /** Not earlier than what the site wrote last, whatever this device's clock says. */
  #now(): string {
    const newest = Math.max(Date.now(), ...this.messages.map((message) => Date.parse(message.created_at)));
    return new Date(newest).toISOString();
  }
}

export const chat = new Chat();
