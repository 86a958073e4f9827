/** The page as an app: its service worker, newer versions, installing. Fetched when the page has settled. */
import * as shell from '../services/shell';
import { appWords } from './appwords';
import { chat } from './chat.svelte';
import { conversations } from './conversations.svelte';
import { me } from './me.svelte';
import { notices } from './notices.svelte';
import { offline } from './offline.svelte';
import { route } from './route.svelte';
import { site } from './site.svelte';

class App {
  installed = $state(shell.isInstalled());
  installable = $state(false);
  /** A newer page is here. */
  newer = $state(false);
  /** The site could not be reached a moment ago, and can be now. */
  back = $state(false);
  /** Whether there is a worker, or why else a page without a network would stay empty. */
  registration = $state.raw<ServiceWorkerRegistration | null>(null);

  /** Once a page. */
  async start(): Promise<void> {
    shell.onInstallable((is) => (this.installable = is));
    shell.onGo((path) => route.go(path));
    offline.start();
    $effect.root(() => {
      let was = site.unreachable;
      $effect(() => {
        const is = site.unreachable;
        if (was && !is) this.#cameBack();
        if (is) void offline.measure();
        was = is;
      });
    });
    notices.start();
    const registration = await shell.register();
    if (registration === null) return;
    this.registration = registration;
    shell.onNewer(registration, () => (this.newer = true));
    shell.tell(registration, { used: shell.filesUsed() });
    $effect.root(() => {
      $effect(() => {
        void appWords.follow();
        if (appWords.ready) shell.tell(registration, { ready: appWords.t('ready.title') });
      });
      // A page that is open for days hears of new versions when it is looked at again.
      $effect(() => {
        if (notices.seen) void registration.update().catch(() => undefined);
      });
    });
  }

  async install(): Promise<void> {
    await shell.install();
  }

  reload(): void {
    shell.reload();
  }

  #cameBack(): void {
    this.back = true;
    void conversations.refresh();
    void me.load();
    if (chat.state === 'failed') void chat.retryLoad();
  }
}

export const app = new App();
