/** Which addresses of a model's text may become links. Everything else stays text. */

export type SafeLink = { href: string; host: string };

const ALLOWED = new Set(['http:', 'https:', 'mailto:']);

/** Only complete http, https and mailto addresses; none with a name before an @, which hides the host. */
export function safeLink(address: string): SafeLink | null {
  let url: URL;
  try {
    url = new URL(address.trim());
  } catch {
    return null; // relative to this site, or no address at all
  }
  if (!ALLOWED.has(url.protocol) || url.username !== '' || url.password !== '') return null;
  return { href: url.href, host: url.protocol === 'mailto:' ? url.pathname : url.host };
}
