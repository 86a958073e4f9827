/**
 * Telling that an answer is ready which took a while: offered once, asked for by a click, shown where nobody looks at
 * the page. Never with a word of the answer, since others see it on a locked screen.
 */
import { untrack } from 'svelte';
import { choices } from '../services/kept';
import { subscribe, unsubscribe } from '../services/push';
import { askPermission, permission, show, type Permission } from '../services/shell';
import { appWords } from './appwords';
import { chat } from './chat.svelte';
import { conversations } from './conversations.svelte';
import { pathOf } from './route.svelte';

const LONG_MS = 20_000;
const TELL = 'notify';
const NAMES = 'notify-names';

/** A turn whose end is to be told. `listed`: the list said that it runs. */
type Awaited = { turnId: string; conversationId: string; listed: boolean };

class Notices {
  permission = $state<Permission>(permission());
  on = $state(choices.read(TELL) === 'on');
  names = $state(choices.read(NAMES) === 'on');
  /** A turn takes a while, and nobody was asked yet. */
  offers = $state(false);
  /** What came of the click on the offer; null before, and once it was read. */
  outcome = $state<'granted' | 'pushed' | 'refused' | null>(null);
  /** The site tells this browser also when no page is open. */
  pushed = $state(false);
  /** The page is looked at. */
  seen = $state(!document.hidden);
  #asked = false;
  #awaited: Awaited[] = [];
  readonly #long = new Set<string>();

  get able(): boolean {
    return this.permission !== 'unsupported';
  }

  /** Once a page. */
  start(): void {
    if (this.on) void this.#push();
    document.addEventListener('visibilitychange', () => (this.seen = !document.hidden));
    $effect.root(() => {
      $effect(() => {
        const live = chat.running;
        const waits = live?.view.place != null;
        const conversationId = chat.id;
        if (live === undefined || conversationId === null || chat.temporary) return;
        const { turnId } = live;
        if (waits) return untrack(() => this.#takesLong(turnId, conversationId));
        const timer = setTimeout(() => this.#takesLong(turnId, conversationId), LONG_MS);
        return () => clearTimeout(timer);
      });
      $effect(() => {
        const here = new Set([...chat.lives.values()].map(({ turnId }) => turnId));
        const listed = new Set(conversations.items.map((item) => item.running_turn_id));
        const id = chat.id;
        untrack(() => this.#look(here, listed, id));
      });
    });
  }

  /** The offer was taken. */
  async accept(): Promise<void> {
    this.offers = false;
    await this.choose(true);
    this.outcome = !this.on ? 'refused' : this.pushed ? 'pushed' : 'granted';
  }

  decline(): void {
    this.offers = false;
  }

  /** Asks the browser's permission where that is needed. */
  async choose(on: boolean): Promise<void> {
    if (on && this.permission === 'default') this.permission = await askPermission();
    this.on = on && this.permission === 'granted';
    choices.write(TELL, this.on ? 'on' : '');
    await this.#push();
  }

  async #push(): Promise<void> {
    if (this.on) this.pushed = await subscribe();
    else if (this.pushed) await unsubscribe().then(() => (this.pushed = false)).catch(() => undefined);
  }

  chooseNames(on: boolean): void {
    this.names = on;
    choices.write(NAMES, on ? 'on' : '');
  }

  #takesLong(turnId: string, conversationId: string): void {
    if (this.#long.has(turnId)) return;
    this.#long.add(turnId);
    this.#awaited.push({ turnId, conversationId, listed: false });
    if (this.on || this.#asked || this.permission !== 'default') return;
    this.#asked = true;
    this.offers = true;
  }

  /** A turn is over when this page does not read it any more, or the list no longer says that it runs. */
  #look(here: Set<string>, listed: Set<string | null>, open: string | null): void {
    this.#awaited = this.#awaited.filter((one) => {
      one.listed ||= listed.has(one.turnId);
      const over = open === one.conversationId ? !here.has(one.turnId) : one.listed && !listed.has(one.turnId);
      if (over) void this.#tell(one);
      return !over;
    });
    if (this.#awaited.length === 0) this.offers = false;
  }

  async #tell({ conversationId }: Awaited): Promise<void> {
    this.outcome = null;
    if (!this.on || this.permission !== 'granted' || !document.hidden) return;
    await appWords.follow();
    const name = this.names ? conversations.titleOf(conversationId) : undefined;
    await show(name || appWords.t('ready.title'), pathOf(conversationId));
  }
}

export const notices = new Notices();
