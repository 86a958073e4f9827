/** A site for tests: answers fetch from a table, and hands out event sources that the test feeds. */
import { vi } from 'vitest';
import type { TurnEvent } from '../src/lib/services/wire';

type Answer = { status: number; body?: unknown };
type Handler = Answer | ((body: unknown) => Answer);

export class FakeSource {
  static all: FakeSource[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string; lastEventId: string }) => void) | null = null;
  onerror: (() => void) | null = null;
  closed = false;

  constructor(readonly url: string) {
    FakeSource.all.push(this);
  }

  send(seq: number, event: TurnEvent): void {
    this.onmessage?.({ data: JSON.stringify(event), lastEventId: String(seq) });
  }

  fail(): void {
    this.onerror?.();
  }

  close(): void {
    this.closed = true;
  }

  static get last(): FakeSource {
    const source = FakeSource.all.at(-1);
    if (source === undefined) throw new Error('no stream was opened');
    return source;
  }
}

export class FakeSite {
  readonly asked: { method: string; path: string; body: unknown }[] = [];
  readonly answers = new Map<string, Handler>();

  constructor() {
    FakeSource.all = [];
    vi.stubGlobal('EventSource', FakeSource);
    vi.stubGlobal('fetch', (path: string, init: RequestInit = {}) => this.#answer(path, init));
  }

  on(request: string, answer: Handler): void {
    this.answers.set(request, answer);
  }

  paths(method: string): string[] {
    return this.asked.filter((request) => request.method === method).map((request) => request.path);
  }

  async #answer(path: string, init: RequestInit): Promise<Response> {
    const method = init.method ?? 'GET';
    const body: unknown = typeof init.body === 'string' ? JSON.parse(init.body) : undefined;
    this.asked.push({ method, path, body });
    const handler = this.answers.get(`${method} ${path}`);
    if (handler === undefined) throw new TypeError('network'); // as fetch does when nobody answers
    const answer = typeof handler === 'function' ? handler(body) : handler;
    return new Response(answer.body === undefined ? null : JSON.stringify(answer.body), { status: answer.status });
  }
}
