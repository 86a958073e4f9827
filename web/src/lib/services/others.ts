/** The other tabs of this browser: what changed is told them, by its id alone. Where there is no such way, they look for themselves. */
const NAME = 'thinkwell';
let channel: BroadcastChannel | null | undefined;

function opened(): BroadcastChannel | null {
  if (channel === undefined) channel = typeof BroadcastChannel === 'function' ? new BroadcastChannel(NAME) : null;
  return channel;
}

/** Of a conversation that changed, or is gone. */
export function tellTabs(id: string): void {
  opened()?.postMessage(id);
}

/** Returns what ends the hearing. */
export function hearTabs(hear: (id: string) => void): () => void {
  const told = (event: MessageEvent<unknown>): void => {
    if (typeof event.data === 'string') hear(event.data);
  };
  const hears = opened();
  hears?.addEventListener('message', told);
  return () => hears?.removeEventListener('message', told);
}
