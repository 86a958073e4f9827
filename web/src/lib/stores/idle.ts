/** Work that can wait until nothing else is to do. */

const A_MOMENT_MS = 40;

/**
 * Calls `work` once, in a moment with nothing else to do, or after `timeout` ms; returns what calls it off.
 * `otherwise`: ms to wait where the browser does not tell when it is idle.
 */
export function whenIdle(work: () => void, timeout?: number, otherwise = A_MOMENT_MS): () => void {
  if (typeof requestIdleCallback === 'function') {
    const asked = requestIdleCallback(work, timeout === undefined ? undefined : { timeout });
    return () => cancelIdleCallback(asked);
  }
  const timer = setTimeout(work, otherwise);
  return () => clearTimeout(timer);
}
