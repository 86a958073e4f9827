/** The web door over HTTP. Knows paths and error shapes; keeps nothing. */
import type { Quota } from './account';
import { choices, KEPT_FOR, KEPT_HEADER } from './kept';
import { tellTabs } from './others';
import type { Asked, Conversation, FileContent, ProofOffer, Question, Site, Summary } from './wire';

/** What went wrong with a request. `code` is the site's own, or `unreachable`. */
export class ApiError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status: number,
    readonly retryAfter: number | null = null,
    /** The field of the request that it is about, where there is one. */
    readonly param: string | null = null,
  ) {
    super(message);
  }
}

async function refusal(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null);
  const error = (body as { error?: { code?: unknown; message?: unknown; retry_after?: unknown; param?: unknown } } | null)?.error;
  return new ApiError(
    typeof error?.code === 'string' ? error.code : 'error',
    typeof error?.message === 'string' ? error.message : `HTTP ${response.status}`,
    response.status,
    typeof error?.retry_after === 'number' ? error.retry_after : null,
    typeof error?.param === 'string' ? error.param : null,
  );
}

export async function request(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const init: RequestInit = { method, credentials: 'same-origin', cache: 'no-store', headers };
  if (body !== undefined) {
    init.headers = { 'content-type': 'application/json', ...headers };
    init.body = JSON.stringify(body);
  }
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch {
    const kept = method === 'GET' ? await keptAnswer(path) : null;
    if (kept !== null) return kept;
    throw new ApiError('unreachable', 'The site cannot be reached.', 0);
  }
  if (!response.ok && response.status !== NOT_CHANGED) throw await refusal(response);
  return response;
}

/** What this device kept of the site's last answer, where it keeps any (offline.ts). */
async function keptAnswer(path: string): Promise<Response | null> {
  if (choices.read(KEPT_FOR) === null) return null;
  try {
    return await (await import('./offline')).answer(path);
  } catch {
    return null; // what reads it is not here either
  }
}

type Heard = (path: string, body: unknown) => void;
let heard: Heard | null = null;

/** Calls with each answer that is read; one listener at a time. */
export const onAnswer = (listener: Heard | null): void => void (heard = listener);

/** What was there is gone. */
export const tellGone = (path: string): void => heard?.(path, null);

/** Whether the site gave this answer, and not this device. */
const ofTheSite = (response: Response): boolean => !response.headers.has(KEPT_HEADER);

export async function json<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await request(method, path, body);
  const answer = (await response.json()) as T;
  if (method === 'GET' && ofTheSite(response)) heard?.(path, answer);
  return answer;
}

const at = encodeURIComponent;

// The Date header counts whole seconds, cut off.
const HALF_SECOND_MS = 500;
const NOT_CHANGED = 304;

export const site = (): Promise<Site> => json('GET', '/api/site');

/** With the site's clock at that moment (ms), so that ages do not hang on this device's clock; `tag` names the state it is in. */
export type Read = { conversation: Conversation; siteNow: number; tag: string | null };

const conversationPath = (id: string): string => `/api/conversations/${at(id)}`;

export async function conversation(id: string): Promise<Read> {
  const path = conversationPath(id);
  return read(path, await request('GET', path));
}

/** The same, if it changed since it had that tag; else null, also of what this device kept. */
export async function conversationSince(id: string, tag: string | null): Promise<Read | null> {
  const path = conversationPath(id);
  const response = await request('GET', path, undefined, tag === null ? {} : { 'if-none-match': tag });
  return response.status === NOT_CHANGED || !ofTheSite(response) ? null : read(path, response);
}

async function read(path: string, response: Response): Promise<Read> {
  const stated = Date.parse(response.headers.get('date') ?? '');
  const conversation = (await response.json()) as Conversation;
  if (ofTheSite(response)) heard?.(path, conversation);
  return {
    conversation,
    siteNow: Number.isNaN(stated) ? Date.now() : stated + HALF_SECOND_MS,
    tag: response.headers.get('etag'),
  };
}

export async function thought(conversationId: string, messageId: string): Promise<string> {
  const path = `/api/conversations/${at(conversationId)}/messages/${at(messageId)}/thought`;
  return (await json<{ thought: string }>('GET', path)).thought;
}

export async function change(id: string, fields: { title?: string; head_id?: string }): Promise<Summary> {
  const changed = await json<Summary>('PATCH', `/api/conversations/${at(id)}`, fields);
  tellTabs(id);
  return changed;
}

export async function fork(id: string, message_id: string, title: string): Promise<Summary> {
  const made = await json<Summary>('POST', `/api/conversations/${at(id)}/fork`, { message_id, title });
  tellTabs(made.id);
  return made;
}

export const exportPath = (id: string, as: 'markdown' | 'json', thoughts: boolean): string =>
  `/api/conversations/${at(id)}/export?as=${as}&thoughts=${thoughts}`;

/** What is in the files that came with a question. */
export const filesOf = (messageId: string): Promise<{ items: FileContent[] }> =>
  json('GET', `/api/messages/${at(messageId)}/files`);

/** Under the same key the same question is asked once, however often it is sent. */
export async function ask(question: Question, key: string | null): Promise<Asked> {
  const response = await request('POST', '/api/turns', question, key === null ? {} : { 'idempotency-key': key });
  const asked = (await response.json()) as Asked;
  if (asked.conversation_id !== null) tellTabs(asked.conversation_id);
  return asked;
}

export async function stop(turnId: string): Promise<void> {
  await request('POST', `/api/turns/${at(turnId)}/stop`);
}

/** The same of a turn that nobody will read, also while the page goes. */
export function abandon(turnId: string): void {
  const init: RequestInit = { method: 'POST', credentials: 'same-origin', keepalive: true };
  fetch(`/api/turns/${at(turnId)}/stop`, init).catch(() => undefined); // it has ended, or ends by itself
}

/** Ends the thought; 409 where there is none to end. */
export async function answerNow(turnId: string): Promise<void> {
  await request('POST', `/api/turns/${at(turnId)}/answer_now`);
}

/** Lets a shortened thought go on; 409 where that changes nothing. */
export async function thinkOn(turnId: string): Promise<void> {
  await request('POST', `/api/turns/${at(turnId)}/think_on`);
}

export const eventsPath = (turnId: string, after: number): string =>
  `/api/turns/${at(turnId)}/events${after > 0 ? `?after=${after}` : ''}`;

export const quota = (): Promise<Quota> => json('GET', '/api/me/quota');

/** Whether a proof of work would help, and what it is. */
export const proofOffer = (): Promise<ProofOffer> => json('GET', '/api/proof');
