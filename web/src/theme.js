/* Runs before the first paint. The other half is lib/stores/theme.svelte.ts. */
try {
  const chosen = localStorage.getItem('thinkwell.theme');
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
} catch {
  /* storage is blocked: the system's theme holds */
}
