/** What the window has room for. */
import { MediaQuery } from 'svelte/reactivity';

/** Room for the list beside the conversation. */
export const wide = new MediaQuery('min-width: 60rem');
