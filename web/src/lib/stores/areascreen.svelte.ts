/** How much room there is, for tables that are cards on a phone. */
import { Room } from './screen.svelte';

export const narrow = new Room('(max-width: 40rem)');
