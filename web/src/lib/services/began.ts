/**
 * The service worker that this page was begun by; null where there was none. Looked at before all else (main.ts): by the
 * time that anything listens, a newer one may have taken its place.
 */
export const began: ServiceWorker | null = 'serviceWorker' in navigator ? navigator.serviceWorker.controller : null;
