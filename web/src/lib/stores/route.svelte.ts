/** Where the page is: `/` for a new conversation, `/c/<id>` for an old one, and pages of their own beside them. */
export const AREAS = ['welcome', 'account', 'receipts', 'status', 'operator', 'settings'] as const;
export type Area = (typeof AREAS)[number];
export type Place = { page: 'new' } | { page: 'conversation'; id: string } | { page: 'area'; area: Area } | { page: 'missing' };

export function placeOf(path: string): Place {
  if (path === '/') return { page: 'new' };
  const area = AREAS.find((name) => path === `/${name}`);
  if (area) return { page: 'area', area };
  const match = /^\/c\/([^/]+)\/?$/.exec(path);
  try {
    return match?.[1] ? { page: 'conversation', id: decodeURIComponent(match[1]) } : { page: 'missing' };
  } catch {
    return { page: 'missing' }; // a broken escape in the address
  }
}

export const pathOf = (id: string): string => `/c/${encodeURIComponent(id)}`;

class Route {
  place = $state.raw<Place>(placeOf(location.pathname));

  /** `hash`: a part of that page, with its `#`. */
  go(path: string, hash = ''): void {
    if (path !== location.pathname || hash !== '') history.pushState(null, '', path + hash);
    this.place = placeOf(path);
  }

  /** Returns what ends the watch. */
  watch(): () => void {
    const moved = (): void => {
      this.place = placeOf(location.pathname);
    };
    addEventListener('popstate', moved);
    return () => removeEventListener('popstate', moved);
  }

  /** A plain click on a link of this site changes the page without loading it. */
  readonly follow = (event: MouseEvent): void => {
    const link = (event.target as Element | null)?.closest?.('a');
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!link || !plain || event.defaultPrevented || link.target !== '' || link.hasAttribute('download') || link.origin !== location.origin) return;
    if (link.hash !== '' && link.pathname === location.pathname) return;
    event.preventDefault();
    this.go(link.pathname, link.hash);
  };
}

export const route = new Route();
