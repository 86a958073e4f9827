/** Files that are sent with a question, and as it shows them afterwards. Pure. */
import type { FileBody, MessageFile } from '../services/wire';

export function headOf(body: FileBody): MessageFile {
  if ('text' in body) return { name: body.name, kind: 'text', size: new TextEncoder().encode(body.text).length, body };
  const packed = body.image.slice(body.image.indexOf(',') + 1);
  return { name: body.name, kind: 'picture', size: Math.floor((packed.length * 3) / 4) - (packed.match(/=*$/)?.[0].length ?? 0), body };
}

export const sent = (files: FileBody[]): { files?: FileBody[] } => (files.length === 0 ? {} : { files });

/** What is in files that were sent from this page. */
export const bodiesOf = (files: readonly MessageFile[]): FileBody[] => files.flatMap(({ body }) => body ?? []);
