/** What is in the files of a question: known here where they were sent from this page, else read from the site. */
import * as api from '../services/api';
import type { FileBody, FileContent, MessageFile } from '../services/wire';

const bodyOf = ({ name, text, image }: FileContent): FileBody => (image === null ? { name, text: text ?? '' } : { name, image });

/** To send them again with an edited question. Rejects as `api.filesOf` does. */
export async function bodiesAgain(messageId: string, files: readonly MessageFile[]): Promise<FileBody[]> {
  const known = files.flatMap(({ body }) => body ?? []);
  return known.length === files.length ? known : (await api.filesOf(messageId)).items.map(bodyOf);
}

export class MessageFiles {
  bodies = $state.raw<readonly (FileBody | undefined)[]>([]);
  failed = $state(false);
  readonly #messageId: string;
  readonly #files: readonly MessageFile[];

  constructor(messageId: string, files: readonly MessageFile[]) {
    this.#messageId = messageId;
    this.#files = files;
    this.bodies = files.map(({ body }) => body);
  }

  async load(): Promise<void> {
    this.failed = false;
    if (this.bodies.every((body) => body !== undefined)) return;
    try {
      this.bodies = await bodiesAgain(this.#messageId, this.#files);
    } catch {
      this.failed = true;
    }
  }
}
