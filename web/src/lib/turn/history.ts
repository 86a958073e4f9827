/** What was said before a message, for a site that stores nothing of it. Pure. */
import { bodiesOf } from '../files/heads';
import type { FileBody, Message, Said } from '../services/wire';

// What the site takes of it; a model reads less.
const MOST_MESSAGES = 1000;
const MOST_CHARACTERS = 1_000_000;
const MOST_OF_ONE = 100_000;
// What the site writes around a file, its name included.
const AROUND_A_FILE = 200;

/**
 * From the first question down to the answer `id`, as much of the end as the site takes. An answer of which
 * nothing was said is left out with its question.
 */
export function saidUpTo(messages: readonly Message[], id: string | null): Said[] {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const above = (message: Message | undefined): Message | undefined => byId.get(message?.parent_id ?? '');
  const said: Said[] = [];
  let left = MOST_CHARACTERS;
  for (let last = byId.get(id ?? ''); last !== undefined; ) {
    const answer = { ...last };
    let question = above(last);
    // One that was gone on with is one answer.
    for (; question?.role === 'assistant'; question = above(question)) answer.content = question.content + answer.content;
    if (question === undefined) break;
    last = above(question);
    if (answer.content.trim() === '') continue;
    const pair = [question, answer].map(saidIn);
    left -= pair.reduce((sum, { text, files }) => sum + text.length + sizeOf(files ?? []), 0);
    if (left < 0 || said.length + pair.length > MOST_MESSAGES) break;
    said.unshift(...pair);
  }
  return said;
}

function saidIn({ role, content, files }: Message): Said {
  const said: Said = { role, text: content.slice(0, MOST_OF_ONE) };
  const bodies = bodiesOf(files ?? []);
  return bodies.length === 0 ? said : { ...said, files: bodies };
}

const sizeOf = (files: readonly FileBody[]): number =>
  files.reduce((sum, file) => sum + AROUND_A_FILE + ('text' in file ? file.text : file.image).length, 0);
