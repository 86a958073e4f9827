/** What a device keeps of a person, and how its tabs hear that another person is here now. */
import { choices, KEPT_FOR } from './kept';

const PREFIX = 'thinkwell.';
const LONGEST_WIPE_MS = 2000;
/** Choices of the device, not of a person. All else that is kept goes with the person. */
const OF_THE_DEVICE = new Set(['theme', 'language', 'effort'].map((name) => PREFIX + name));
const CHANNEL = 'thinkwell.person';

function namesIn(storage: Storage): string[] {
  return Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? '').filter((name) => name.startsWith(PREFIX));
}

/** Drafts, and whatever else was kept here for the person who goes. Null where that is done at once. */
export function forgetPerson(): Promise<void> | null {
  const keeps = choices.read(KEPT_FOR) !== null || choices.read('notify') !== null;
  for (const storage of [() => sessionStorage, () => localStorage]) {
    try {
      for (const name of namesIn(storage())) if (!OF_THE_DEVICE.has(name)) storage().removeItem(name);
    } catch {
      // Storage is blocked: nothing was kept in it.
    }
  }
  return keeps ? Promise.race([wipe(), new Promise<void>((resolve) => setTimeout(resolve, LONGEST_WIPE_MS))]) : null;
}

/** What is left, should this fail, is under a mark that nobody else has, and goes when the next person is known. */
async function wipe(): Promise<void> {
  try {
    await Promise.allSettled([(await import('./offline')).wipe(), (await import('./push')).unsubscribe()]);
  } catch {
    // the storage is blocked, or gone
  }
}

/** `left`: nothing of before may stay. Else what was here became the member's. */
export type Change = 'joined' | 'left';

// One for both ways: a channel does not hear itself, but would hear another of the same page.
let channel: BroadcastChannel | null = null;

export const tellOtherTabs = (change: Change): void => channel?.postMessage(change);

export function onOtherTabs(heard: (change: Change) => void): void {
  if (typeof BroadcastChannel === 'undefined') return;
  channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({ data }) => heard(data === 'joined' ? 'joined' : 'left');
}

/** Loads the whole page anew: what it held in memory is gone, whichever store held it. */
export const begin = (path: string): void => location.replace(path);

/** Calls when the browser shows a page again that it had laid aside, with all that was on it. */
export function onShownAgain(shown: () => void): void {
  addEventListener('pageshow', (event) => {
    if (event.persisted) shown();
  });
}
