/** Copying, for components: the text goes to the clipboard and the reader hears of it. */
import { copyText } from '../services/clipboard';
import { announcer } from './announcer.svelte';
import { t } from './words.svelte';

export async function copy(text: string): Promise<boolean> {
  const done = await copyText(text);
  if (done) announcer.say(t('action.copied'));
  return done;
}
