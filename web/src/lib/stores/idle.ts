/** Work that can wait until nothing else is to do. */

// Where the browser does not tell when it is idle.
const A_MOMENT_MS = 40;
// A device that is never idle gets it done nevertheless.
const LONGEST_MS = 500;

/** Calls `work` once, in a moment with nothing else to do; returns what calls it off. */
export function whenIdle(work: () => void): () => void {
  if (typeof requestIdleCallback === 'function') {
    const asked = requestIdleCallback(work, { timeout: LONGEST_MS });
    return () => cancelIdleCallback(asked);
  }
  const timer = setTimeout(work, A_MOMENT_MS);
  return () => clearTimeout(timer);
}
