/** A question that is sent while an answer runs waits for it; the reader is told so. */
import type { FileBody } from '../services/wire';
import { announcer } from './announcer.svelte';
import { chat } from './chat.svelte';
import { MOST, queue } from './queue.svelte';
import { talkWords } from './talkwords';

/** True where it waits, or was asked after all; else the page says why not. */
export async function addToQueue(text: string, files: FileBody[]): Promise<boolean> {
  // The answer may have ended while this file came.
  if (!chat.running && !chat.sending) return chat.ask(text, chat.end, files);
  queue.follow(chat.visit, chat.id);
  const added = queue.add(text, files); // at once: what is sent after it comes after it
  await talkWords.follow();
  if (!added) {
    chat.problem = talkWords.t('queue.full', { count: MOST });
    return false;
  }
  announcer.say(talkWords.t('say.queued'));
  return true;
}
