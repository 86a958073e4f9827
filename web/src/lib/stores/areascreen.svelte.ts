/** How much room there is, for tables that are cards on a phone. */
import { MediaQuery } from 'svelte/reactivity';

export const narrow = new MediaQuery('(max-width: 40rem)', false);
