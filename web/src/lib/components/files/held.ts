/** What the question box needs as soon as files are with it: one thing to fetch. */
export { default as FileChips } from './FileChips.svelte';
export { attached } from '../../stores/attached.svelte';
