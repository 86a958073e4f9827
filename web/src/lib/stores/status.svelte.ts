/** How busy the site is, as the public page shows it. */
import * as door from '../services/status';
import { Poll } from './poll.svelte';

export type { Made, Status, Wait, Word } from '../services/status';

// The site lets it be kept for ten seconds.
export const status = new Poll(door.status, 10_000);
