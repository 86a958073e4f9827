/* Runs before the first paint. The other halves are lib/stores/theme.svelte.ts and lib/stores/words.svelte.ts. */
{
  const page = document.documentElement;
  const kept = (name) => {
    try {
      return localStorage.getItem(`thinkwell.${name}`);
    } catch {
      return null; // storage is blocked: the system's theme and language hold
    }
  };
  const theme = kept('theme');
  if (theme === 'light' || theme === 'dark') page.dataset.theme = theme;

  // The words are on their way beside the script that will ask for them. A wrong guess costs a file, no more.
  const files = '__WORDS__';
  const offered = (page.dataset.languages ?? 'en').split(' ');
  const wanted = [kept('language') ?? '', ...navigator.languages].map((tag) => tag.toLowerCase().split('-')[0]);
  const href = files[wanted.find((code) => offered.includes(code)) ?? offered[0]];
  if (href) document.head.append(Object.assign(document.createElement('link'), { rel: 'modulepreload', href }));
}
