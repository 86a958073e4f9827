/** The files that stand above the question box, until they are sent or taken away. */
import { SvelteMap } from 'svelte/reactivity';
import { charsOf, checked, isRefusal, type Reason, type Refusal } from '../files/check';
import type { Given } from '../files/given';
import { headOf } from '../files/heads';
import * as reading from '../services/reading';
import type { FileBody, MessageFile } from '../services/wire';
import { announcer } from './announcer.svelte';
import { forgetFiles, keepFiles, readFiles } from './draftfiles';
import { filesWords, type FilesKey } from './fileswords';
import { site } from './site.svelte';
import { words } from './words.svelte';

export type Chip = { id: number; name: string; head: MessageFile | null };

const WHY = {
  folder: 'refused.folder',
  unreadable: 'refused.unreadable',
  empty: 'refused.empty',
  binary: 'refused.binary',
  tooLong: 'refused.tooLong',
  tooLarge: 'refused.tooLarge',
  noPictures: 'refused.noPictures',
  badPicture: 'refused.badPicture',
  tooMany: 'refused.tooMany',
  tooMuch: 'refused.tooMuch',
  heavy: 'refused.heavy',
  none: 'refused.none',
} as const satisfies Record<Reason, FilesKey>;
// About what a model reads of text in one token, and how much of its context a question may fill.
const CHARS_A_TOKEN = 3.5;
const SHARE_OF_CONTEXT = 0.75;
// Of a request: the question itself, and what was said before where nothing is stored.
const SHARE_OF_BODY = 0.9;
const { t } = filesWords;

export class Attached {
  readonly chips = new SvelteMap<number, Chip>();
  /** Why something was not added, each once. */
  problems = $state.raw<readonly string[]>([]);
  #reading = $state(0);
  #next = 0;
  #visit = 0;
  #conversation: string | null = null;
  #kept = true;
  readonly bodies = $derived([...this.chips.values()].flatMap(({ head }) => head?.body ?? []));
  readonly #chars = $derived(charsOf(this.bodies));

  /** Files are still being read: the question waits for them. */
  get reading(): boolean {
    return this.#reading > 0;
  }

  get empty(): boolean {
    return this.chips.size === 0;
  }

  /** What is to be told of files that may be too much for the model. */
  get warning(): string | null {
    const fits = Math.floor((site.about?.model.context ?? Number.POSITIVE_INFINITY) * CHARS_A_TOKEN * SHARE_OF_CONTEXT);
    if (this.#chars <= fits) return null;
    return t('fit.long', { fits: words.number(Number(fits.toPrecision(2))), chars: words.number(this.#chars) });
  }

  /** Those of another conversation, as this tab kept them. `kept`: whether anything may be. */
  open(conversation: string | null, kept: boolean): void {
    this.#visit += 1;
    this.#conversation = conversation;
    this.#kept = kept;
    this.#reading = 0;
    this.chips.clear();
    const { bodies, lost } = kept ? readFiles(conversation) : { bodies: [], lost: [] };
    for (const body of bodies) this.#show(body.name, headOf(body));
    this.problems = lost.length === 0 ? [] : [t('draft.lost', { count: lost.length, names: lost.join(', ') })];
  }

  async add({ files, count, folders }: Given): Promise<void> {
    await Promise.all([site.met, filesWords.follow()]);
    const limits = site.about?.files;
    if (limits === undefined) return;
    const visit = this.#visit;
    const refused: Refusal[] = folders.map((name) => ({ why: 'folder', name }));
    const room = Math.max(0, limits.max_files - this.chips.size);
    if (limits.max_files === 0) refused.push({ why: 'none', name: '' });
    else if (count - folders.length > room) refused.push({ why: 'tooMany', name: '' });
    let added = 0;
    this.#reading += 1;
    const shown = files.slice(0, room).map((file) => ({ file, id: this.#show('', null) }));
    for (const { file, id } of shown) {
      const found = await checked(file, limits, reading);
      if (visit !== this.#visit) return; // another conversation by now
      if (!this.chips.has(id)) continue; // taken away while it was read
      const why = isRefusal(found) ? found : this.#tooMuch(found, limits.max_chars_in_all);
      if (why === null && !isRefusal(found)) {
        this.chips.set(id, { id, name: found.name, head: headOf(found) });
        added += 1;
      } else {
        this.chips.delete(id);
        if (why !== null) refused.push(why);
      }
    }
    this.#reading -= 1;
    this.problems = refused.slice(0, limits.max_files + 1).map((one) => this.#sentence(one));
    if (added > 0) announcer.say(t('chips.added', { count: added }));
    this.#keep();
  }

  remove(id: number): void {
    const gone = this.chips.get(id);
    if (!this.chips.delete(id)) return;
    announcer.say(t('chips.removed', { name: gone?.name ?? '' }));
    this.problems = [];
    this.#keep();
  }

  /** They go with the question. What is returned puts them back where it was not taken. */
  take(): { bodies: FileBody[]; back: () => void } {
    const [bodies, conversation, visit] = [this.bodies, this.#conversation, this.#visit];
    this.chips.clear();
    this.problems = [];
    forgetFiles(conversation);
    return {
      bodies,
      back: () => {
        if (visit === this.#visit) for (const body of bodies) this.#show(body.name, headOf(body));
        if (this.#kept) keepFiles(conversation, bodies);
      },
    };
  }

  #show(name: string, head: MessageFile | null): number {
    this.#next += 1;
    this.chips.set(this.#next, { id: this.#next, name, head });
    return this.#next;
  }

  /** The conversation has got its address. */
  name(conversation: string): void {
    forgetFiles(this.#conversation);
    this.#conversation = conversation;
    this.#keep();
  }

  /** From now on they are kept for the tab's life, or not: in a temporary conversation nothing is. */
  keep(kept: boolean): void {
    this.#kept = kept;
    if (kept) this.#keep();
    else forgetFiles(this.#conversation);
  }

  #keep(): void {
    if (this.#kept) keepFiles(this.#conversation, this.bodies);
  }

  #tooMuch(body: FileBody, most: number): Refusal | null {
    if ('text' in body && this.#chars + charsOf([body]) > most) return { why: 'tooMuch', name: body.name };
    const bytes = new TextEncoder().encode(JSON.stringify([...this.bodies, body])).length;
    return bytes > (site.about?.max_body_bytes ?? 0) * SHARE_OF_BODY ? { why: 'heavy', name: body.name } : null;
  }

  #sentence({ why, name }: Refusal): string {
    const limits = site.about?.files;
    const key = why === 'binary' && limits?.pictures ? 'refused.binarySees' : WHY[why];
    const most = why === 'tooMuch' ? limits?.max_chars_in_all : limits?.max_chars;
    return t(key, { name, count: limits?.max_files ?? 0, most: words.number(most ?? 0) });
  }
}

export const attached = new Attached();
