/** A fork of the conversation at one of its messages, named after it, opened and told. Its words come when it is first wanted. */
import { wellFormed } from '../turn/wellformed';
import { announcer } from './announcer.svelte';
import { chat } from './chat.svelte';

// What the site takes as a title.
const MOST_TITLE = 200;

export async function forkAt(messageId: string): Promise<void> {
  const { talkWords } = await import('./talkwords');
  await talkWords.follow();
  const title = talkWords.t('fork.name', { title: chat.title });
  if (await chat.fork(messageId, wellFormed(title.slice(0, MOST_TITLE)))) {
    announcer.say(talkWords.t('say.forked'));
  }
}
