/** The one answer that is read aloud, and where in it the voice is. */
import { speak, voicesReady } from '../services/speaking';
import { languageOf } from '../speech/language';
import { spokenPieces } from '../speech/spoken';
import { announcer } from './announcer.svelte';
import { filesWords } from './fileswords';
import { words } from './words.svelte';

export const t = filesWords.t;

class Aloud {
  id = $state<string | null>(null);
  paused = $state(false);
  #pieces: readonly string[] = [];
  #language = '';
  #at = 0;
  #hush: (() => void) | null = null;

  async start(id: string, text: string): Promise<void> {
    this.stop();
    this.id = id;
    await Promise.all([filesWords.follow(), voicesReady()]);
    if (this.id !== id) return; // stopped, or another one was begun meanwhile
    this.#language = languageOf(text, words.code);
    this.#pieces = spokenPieces(text, { code: t('aloud.code'), formula: t('aloud.formula'), image: t('aloud.image') }, this.#language);
    this.#at = 0;
    this.goOn();
  }

  /** A voice that is paused is lost on some devices: the sentence is begun again. */
  pause(): void {
    this.#silence();
    this.paused = true;
  }

  goOn(): void {
    this.#silence();
    this.paused = false;
    this.#next();
  }

  stop(): void {
    this.#silence();
    this.id = null;
    this.paused = false;
  }

  #next(): void {
    const piece = this.#pieces[this.#at];
    if (piece === undefined) {
      this.stop();
      announcer.say(t('aloud.ended'));
      return;
    }
    this.#hush = speak(piece, this.#language, (spoken) => {
      this.#hush = null;
      if (!spoken) {
        this.stop();
        announcer.say(t('aloud.failed'));
        return;
      }
      this.#at += 1;
      this.#next();
    });
  }

  #silence(): void {
    this.#hush?.();
    this.#hush = null;
  }
}

export const aloud = new Aloud();
globalThis.addEventListener('pagehide', () => aloud.stop());
