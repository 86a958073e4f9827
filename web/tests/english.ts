/** Tests read English, as the page does once it has started. */
import { words } from '../src/lib/stores/words.svelte';

await words.start();
