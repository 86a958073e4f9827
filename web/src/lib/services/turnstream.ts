/**
 * Reads the events of one turn, across lost networks, until its ending.
 *
 * EventSource tells no status, so after an error the same address is probed with fetch: 200 goes on,
 * 204/404/410 mean that nothing more will come from there. Retries wait longer each time, and go at once
 * when the device is online again.
 */
import { eventsPath } from './api';
import type { TurnEvent } from './wire';

export type Gone = 'ended' | 'missing' | 'expired';

export type TurnReader = {
  /** Each event once or more, in order of `seq`; the reader drops what it has. */
  event(seq: number, event: TurnEvent): void;
  connected(is: boolean): void;
  /** No more will come, and no ending was read: read the conversation instead. */
  gone(why: Gone): void;
};

const ENDINGS = new Set(['finished', 'failed', 'stopped']);
const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 15_000;

/** Returns what closes the stream; after that the reader is called no more. */
export function readTurn(turnId: string, after: number, reader: TurnReader): () => void {
  let last = after;
  let tries = 0;
  let closed = false;
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let probing: AbortController | null = null;

  const close = (): void => {
    closed = true;
    source?.close();
    probing?.abort();
    clearTimeout(timer);
    removeEventListener('online', retryNow);
  };

  const end = (why: Gone): void => {
    if (closed) return;
    close();
    reader.gone(why);
  };

  function open(): void {
    source = new EventSource(eventsPath(turnId, last));
    source.onopen = () => reader.connected(true);
    source.onmessage = (message: MessageEvent<string>) => {
      tries = 0;
      const seq = Number(message.lastEventId);
      const event = JSON.parse(message.data) as TurnEvent;
      if (seq > last) last = seq;
      const ended = ENDINGS.has(event.type);
      if (ended) close();
      reader.event(seq, event);
    };
    source.onerror = () => {
      source?.close();
      source = null;
      if (closed) return;
      reader.connected(false);
      const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** tries) * (0.75 + Math.random() / 2);
      tries += 1;
      timer = setTimeout(() => void probe(), wait);
    };
  }

  function retryNow(): void {
    if (closed || source !== null || probing !== null) return;
    clearTimeout(timer);
    void probe();
  }

  async function probe(): Promise<void> {
    if (closed) return;
    probing = new AbortController();
    let status = 0;
    try {
      const init = { headers: { accept: 'text/event-stream' }, signal: probing.signal, cache: 'no-store' } as const;
      status = (await fetch(eventsPath(turnId, last), init)).status;
    } catch {
      status = 0; // no network, or the site is starting again
    }
    probing.abort();
    probing = null;
    if (closed) return;
    if (status === 204) end('ended');
    else if (status === 404) end('missing');
    else if (status === 410) end('expired');
    else if (status === 200) open();
    else {
      const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** tries);
      tries += 1;
      timer = setTimeout(() => void probe(), wait);
    }
  }

  addEventListener('online', retryNow);
  open();
  return close;
}
