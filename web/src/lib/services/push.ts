/** Web Push: this browser's subscription, and telling the site of it. Where the site sends none there is none. */
import { json, request } from './api';

function bytesOf(key: string): Uint8Array<ArrayBuffer> {
  const text = atob(key.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

const offered = async (): Promise<string | null> => (await json<{ key: string | null }>('GET', '/api/push')).key;

async function manager(): Promise<PushManager | null> {
  const registration = 'serviceWorker' in navigator ? await navigator.serviceWorker.getRegistration('/') : undefined;
  return registration?.pushManager ?? null;
}

/** Whether the site will tell this browser, also when no page is open. Asks again whenever the page is opened. */
export async function subscribe(): Promise<boolean> {
  try {
    const [at, key] = [await manager(), await offered()];
    if (at === null || key === null) return false;
    const subscription = (await at.getSubscription()) ?? (await at.subscribe({ userVisibleOnly: true, applicationServerKey: bytesOf(key) }));
    await request('PUT', '/api/me/push', { endpoint: subscription.endpoint });
    return true;
  } catch {
    return false; // the browser has no service, or does not reach it: it is told while a page is open
  }
}

/** Also where the site cannot be told: the browser's service then tells it that nobody is there any more. */
export async function unsubscribe(): Promise<void> {
  const subscription = await (await manager())?.getSubscription();
  if (!subscription) return;
  await subscription.unsubscribe();
  await request('DELETE', '/api/me/push', { endpoint: subscription.endpoint }).catch(() => undefined);
}
