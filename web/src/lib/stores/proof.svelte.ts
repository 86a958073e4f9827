/**
 * Proof of work (docs/visitors.md): under load the browser works a moment, and the visitor is a person of their
 * own in line. In the background, while the page can be seen; nothing waits for it, and nothing fails without it.
 */
import * as api from '../services/api';
import type { ProofOffer } from '../services/wire';

// How long an answer of the site holds, by its reason.
const AGAIN_MS: Record<ProofOffer['why'], number> = { quiet: 60_000, busy: 60_000, proven: 600_000, known: Infinity };
const RETRY_MS = 60_000;

class ProofStore {
  /** The browser calculates now. */
  working = $state(false);
  #nextAt = 0;
  #busy = false;
  #ending: AbortController | null = null;

  /** Asks the site whether work would help, if that may have changed, and does it. */
  async look(): Promise<void> {
    if (this.#busy || document.hidden || Date.now() < this.#nextAt) return;
    this.#busy = true;
    try {
      const offer = await api.proofOffer();
      this.#nextAt = Date.now() + AGAIN_MS[offer.why];
      if (offer.challenge !== null) await this.#work(offer.challenge);
    } catch {
      // Unreachable, ended, or not taken: one waits in the part of one's network, and is answered.
      this.#nextAt = Math.max(this.#nextAt, Date.now() + RETRY_MS);
    } finally {
      this.#busy = false;
    }
  }

  /** Nobody looks: a phone in a pocket has better things to do. */
  readonly shownOrHidden = (): void => {
    if (document.hidden) this.#ending?.abort();
    else void this.look();
  };

  async #work(challenge: NonNullable<ProofOffer['challenge']>): Promise<void> {
    const { give, work } = await import('../services/proof');
    const ending = new AbortController();
    this.#ending = ending;
    this.working = true;
    if (document.hidden) ending.abort();
    try {
      const payload = await work(challenge, ending.signal);
      if (payload !== null) await give(payload);
    } catch (error) {
      if (!ending.signal.aborted) throw error;
      this.#nextAt = 0; // begun anew when the page is seen again
    } finally {
      this.#ending = null;
      this.working = false;
    }
  }
}

export const proof = new ProofStore();
