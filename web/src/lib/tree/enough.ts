/** How much of a branch fills a window, without looking at it. */
import type { Message } from '../services/wire';

// Less than a message takes in any look of the page: what is shown must be enough.
const MESSAGE_PX = 48;
const LINE_PX = 20;
const LINE_CHARS = 90;
// The end of a question that stands above the window is worth little, a gap is ugly.
const WINDOWS = 1.5;

/** How many of the last messages: at least `fewest`, at most `most`. */
export function enough(path: readonly Message[], windowPx: number, fewest: number, most: number): number {
  let height = 0;
  let count = 0;
  for (const { content } of path.slice(-most).reverse()) {
    if (count >= fewest && height > WINDOWS * windowPx) break;
    const lines = content.split('\n').reduce((sum, line) => sum + Math.ceil(line.trim().length / LINE_CHARS), 0);
    height += MESSAGE_PX + LINE_PX * lines;
    count += 1;
  }
  return count;
}
