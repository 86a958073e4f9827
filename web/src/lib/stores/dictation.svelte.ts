/** A question that is spoken: whether one agreed to it, what is being heard, and how it ended. */
import { choices } from '../services/kept';
import { listen, type ListenFault } from '../services/listening';
import { announcer } from './announcer.svelte';
import { filesWords } from './fileswords';

const AGREED = 'dictation';

export class Dictation {
  listening = $state(false);
  /** Heard, and not certain yet. */
  interim = $state('');
  fault = $state<ListenFault | null>(null);
  /** Told once on each device what the browser does with the voice. */
  agreed = $state(choices.read(AGREED) === 'yes');
  #ends: { stop: () => void; abort: () => void } | null = null;

  /** `heard` gets what is certain, piece by piece. */
  start(heard: (text: string) => void): void {
    if (this.listening) return;
    choices.write(AGREED, 'yes');
    this.agreed = true;
    this.fault = null;
    this.listening = true;
    this.#ends = listen(document.documentElement.lang, {
      heard: (text, final) => {
        this.interim = final ? '' : text;
        if (final && text.trim() !== '') heard(text.trim());
      },
      ended: (fault) => {
        this.listening = false;
        this.interim = '';
        this.fault = fault;
        this.#ends = null;
        announcer.say(filesWords.t('voice.ended'));
      },
    });
  }

  stop(): void {
    this.#ends?.stop();
  }

  /** Whoever goes elsewhere is not listened to. */
  abort(): void {
    this.#ends?.abort();
  }
}
