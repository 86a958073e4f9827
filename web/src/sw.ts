/**
 * The service worker. It keeps the files of the page, so that it opens without a network, and shows that an answer
 * is ready. It knows no person and never sees an answer: what is somebody's own is kept by services/offline.ts.
 */
type Waiting = { waitUntil(done: Promise<unknown>): void };
type Installing = Waiting & { addRoutes?(rules: object[]): Promise<void> };
type FetchEvent = Event & { request: Request; respondWith(reply: Promise<Response>): void };
type Shown = { close(): void; data: { path?: string } | null };
type Tab = { url: string; visibilityState: string; focus(): Promise<Tab>; postMessage(message: unknown): void };
type Scope = {
  addEventListener(type: string, heard: (event: never) => void): void;
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void>; matchAll(options: object): Promise<Tab[]>; openWindow(path: string): Promise<unknown> };
  registration: { showNotification(title: string, options: object): Promise<void> };
  location: Location;
};
/** `first`: to be kept at once; `all`: every hashed file of this build. The build writes it in. */
declare const __SHELL__: { first: string[]; all: string[] };

const worker = self as unknown as Scope;
const files = __SHELL__;
const CACHE = 'thinkwell.shell';
const PAGE = '/';
// Files without a hash in their name: the network first, the kept one where there is none.
const NAMED = ['/favicon.svg', '/logo', '/look.css', '/manifest.webmanifest', '/icon-192.png'];
// The pages of the app; others, as /plain and /docs, are none of ours.
const PAGES = /^\/(?:c\/[^/]+\/?|welcome|account|receipts|status|operator|settings)?$/;
const SAID = '/said-when-ready';

async function install(): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.addAll(files.first);
  await cache.add(new Request(PAGE, { cache: 'no-cache' }));
  await Promise.allSettled(NAMED.map((path) => cache.add(path)));
  await worker.skipWaiting();
}

/** Files of builds before this one go. */
async function activate(): Promise<void> {
  const cache = await caches.open(CACHE);
  const known = new Set(files.all);
  for (const { url } of await cache.keys()) {
    const path = new URL(url).pathname;
    if (path.startsWith('/assets/') && !known.has(path)) await cache.delete(url);
  }
  await worker.clients.claim();
}

async function kept(path: string): Promise<Response | undefined> {
  return (await caches.open(CACHE)).match(path);
}

async function hashed(request: Request): Promise<Response> {
  const path = new URL(request.url).pathname;
  const found = await kept(path);
  if (found !== undefined) return found;
  const reply = await fetch(request);
  if (reply.ok) await (await caches.open(CACHE)).put(path, reply.clone());
  return reply;
}

/** `path`: under which it is kept. */
async function networkFirst(request: Request, path: string): Promise<Response> {
  try {
    const reply = await fetch(request);
    if (reply.ok && !reply.redirected) await (await caches.open(CACHE)).put(path, reply.clone());
    return reply;
  } catch (error) {
    const found = await kept(path);
    if (found !== undefined) return found;
    throw error;
  }
}

function answer(event: FetchEvent): void {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== worker.location.origin) return;
  if (request.mode === 'navigate') {
    if (PAGES.test(pathname)) event.respondWith(networkFirst(request, PAGE));
  } else if (pathname.startsWith('/assets/')) event.respondWith(hashed(request));
  else if (NAMED.includes(pathname)) event.respondWith(networkFirst(request, pathname));
}

type Told = { used?: string[]; ready?: string; keeps?: string[] } | null;

/**
 * The page tells which files it had loaded before this worker was there, and in which words to tell of an answer; it
 * asks whether its own files belong to this worker's build.
 */
async function told(message: Told, reply: MessagePort | undefined): Promise<void> {
  if (message?.keeps !== undefined) return reply?.postMessage(message.keeps.every((path) => files.all.includes(path)));
  const cache = await caches.open(CACHE);
  const known = new Set(files.all);
  for (const path of message?.used ?? []) if (known.has(path) && (await cache.match(path)) === undefined) await cache.add(path);
  if (message?.ready !== undefined) await cache.put(SAID, new Response(message.ready));
}

const tabs = (): Promise<Tab[]> => worker.clients.matchAll({ type: 'window', includeUncontrolled: true });

/** A push says nothing: neither what was asked nor what was answered, so that nobody on its way reads it. */
async function pushed(): Promise<void> {
  if ((await tabs()).some((tab) => tab.visibilityState === 'visible')) return;
  const said = await (await kept(SAID))?.text();
  await worker.registration.showNotification(said ?? 'Your answer is ready', { tag: 'thinkwell.ready', icon: '/icon-192.png', data: { path: '/' } });
}

async function go(path: string): Promise<void> {
  const open = await tabs();
  const tab = open.find(({ url }) => new URL(url).pathname === path) ?? open[0];
  if (tab === undefined) return void (await worker.clients.openWindow(path));
  await tab.focus();
  if (path !== PAGE) tab.postMessage({ go: path });
}

worker.addEventListener('install', (event: Installing) => {
  event.waitUntil(install());
  // What is none of its business does not even wait for it to wake up, where the browser knows of such rules.
  void event.addRoutes?.([{ condition: { urlPattern: { pathname: '/api/*' } }, source: 'network' }]).catch(() => undefined);
});
worker.addEventListener('activate', (event: Waiting) => event.waitUntil(activate()));
worker.addEventListener('fetch', answer);
worker.addEventListener('message', (event: Waiting & MessageEvent<Told>) => event.waitUntil(told(event.data, event.ports[0])));
worker.addEventListener('push', (event: Waiting) => event.waitUntil(pushed()));
worker.addEventListener('notificationclick', (event: Waiting & { notification: Shown }) => {
  event.notification.close();
  event.waitUntil(go(event.notification.data?.path ?? PAGE));
});

export {}; // its names are its own
