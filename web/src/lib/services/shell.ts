/** The page as an app: its service worker (src/sw.ts), whether it is installed, and notifications. */
import { began } from './began';
import { scriptPolicy } from './scripturl';

const PATH = '/sw.js';

const scriptUrl = scriptPolicy('thinkwell-shell', (url) => url === PATH);

/** Browsers have them over HTTPS, and on this machine, only. */
export const hasWorkers = (): boolean => 'serviceWorker' in navigator;

/** Null where the browser has none, or this site cannot have one here. */
export async function register(): Promise<ServiceWorkerRegistration | null> {
  if (!hasWorkers()) return null;
  try {
    await navigator.serviceWorker.register(scriptUrl(PATH), { scope: '/', updateViaCache: 'none' });
    return await navigator.serviceWorker.ready;
  } catch {
    return null; // storage is blocked, or the site went away: the page does without
  }
}

/** Calls when a newer page of the site is here, or came since this one began, and can be had by loading it again. */
export function onNewer(registration: ServiceWorkerRegistration, newer: () => void): void {
  const { serviceWorker } = navigator;
  // The page itself comes from the network: a worker that was waiting already is as old as the page. It may take over
  // late, when the one before it has nothing left to do.
  const own = new Set([began ?? serviceWorker.controller, registration.waiting]);
  const came = async (worker: ServiceWorker | null): Promise<void> => {
    if (worker === null || own.has(worker)) return;
    own.add(worker);
    // The first worker of all, and one that was built with this page, come after it too.
    if (!(await keeps(worker, ownScripts()))) newer();
  };
  registration.addEventListener('updatefound', () => {
    const found = registration.installing;
    found?.addEventListener('statechange', () => {
      if (found.state === 'installed') void came(found);
    });
  });
  serviceWorker.addEventListener('controllerchange', () => void came(serviceWorker.controller));
  void came(serviceWorker.controller);
}

function ownScripts(): string[] {
  const scripts = document.querySelectorAll<HTMLScriptElement>('script[type="module"][src]');
  return Array.from(scripts, ({ src }) => new URL(src).pathname);
}

/** Whether files are of the build that the worker belongs to. */
function keeps(worker: ServiceWorker, paths: string[]): Promise<boolean> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = ({ data }: MessageEvent<boolean>) => resolve(data);
    worker.postMessage({ keeps: paths }, [port2]);
  });
}

/** The files that came before the worker was there to keep them. */
export function filesUsed(): string[] {
  const own = performance.getEntriesByType('resource').map(({ name }) => new URL(name));
  return own.filter(({ origin, pathname }) => origin === location.origin && pathname.startsWith('/assets/')).map(({ pathname }) => pathname);
}

export function tell(registration: ServiceWorkerRegistration, message: { used?: string[]; ready?: string }): void {
  registration.active?.postMessage(message);
}

/** Calls with the path of a notification that was clicked. */
export function onGo(go: (path: string) => void): void {
  if (!hasWorkers()) return;
  navigator.serviceWorker.addEventListener('message', ({ data }: MessageEvent<{ go?: string } | null>) => {
    if (typeof data?.go === 'string') go(data.go);
  });
}

export const isInstalled = (): boolean =>
  matchMedia('(display-mode: standalone)').matches || (navigator as { standalone?: boolean }).standalone === true;

type InstallPrompt = Event & { prompt(): Promise<unknown> };
let prompt: InstallPrompt | null = null;

/** Calls when the browser offers to install the page, and again when that is over. */
export function onInstallable(changed: (is: boolean) => void): void {
  addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault(); // asked for in the settings, and not over a question that is being written
    prompt = event as InstallPrompt;
    changed(true);
  });
  addEventListener('appinstalled', () => {
    prompt = null;
    changed(false);
  });
}

export async function install(): Promise<void> {
  await prompt?.prompt();
}

export type Permission = NotificationPermission | 'unsupported';

export const permission = (): Permission => (hasWorkers() && 'Notification' in globalThis ? Notification.permission : 'unsupported');

export const askPermission = (): Promise<Permission> => Notification.requestPermission();

export async function show(title: string, path: string): Promise<void> {
  const registration = await navigator.serviceWorker.ready;
  await registration.showNotification(title, { tag: path, icon: '/icon-192.png', data: { path } });
}

export const reload = (): void => location.reload();
