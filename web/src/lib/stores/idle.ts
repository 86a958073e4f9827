/** Work that can wait until nothing else is to do. */

// Where the browser does not tell when it is idle.
const A_MOMENT_MS = 40;

/** Calls `work` once, in a moment with nothing else to do, or after `timeout` ms; returns what calls it off. */
export function whenIdle(work: () => void, timeout?: number): () => void {
  if (typeof requestIdleCallback === 'function') {
    const asked = requestIdleCallback(work, timeout === undefined ? undefined : { timeout });
    return () => cancelIdleCallback(asked);
  }
  const timer = setTimeout(work, A_MOMENT_MS);
  return () => clearTimeout(timer);
}
