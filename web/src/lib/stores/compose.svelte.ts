/** What other parts of the page put into the question box. The box takes it when it is there. */
import { quotationOf, withQuotation } from '../turn/quote';

class Compose {
  #quotation = $state<string | null>(null);

  /** Something waits to be taken. */
  get waiting(): boolean {
    return this.#quotation !== null;
  }

  /** Into the next question, below what is written there. */
  quote(text: string): void {
    if (text.trim() === '') return;
    const quotation = quotationOf(text);
    this.#quotation = this.#quotation === null ? quotation : withQuotation(this.#quotation, quotation);
  }

  /** The draft with all that waited; nothing waits then. */
  take(draft: string): string {
    const text = this.#quotation === null ? draft : withQuotation(draft, this.#quotation);
    this.#quotation = null;
    return text;
  }
}

export const compose = new Compose();
