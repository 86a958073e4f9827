/** The shapes of the web door, as JSON. What happens in a turn is in events.gen.ts. */
import type { Effort, Receipt, TurnEvent } from './events.gen';

export type { Effort, EndedBy, Receipt, Shortening, TurnEvent, Usage } from './events.gen';

export type Site = {
  name: string;
  version: string;
  notice: string | null;
  languages: string[];
  /** `efforts` and `budgets` (tokens): those worth offering, in rising order; none where the model does not think. */
  model: { id: string; title: string; thinks: boolean; efforts: Effort[]; budgets: number[]; licence: string; context: number };
  max_message_chars: number;
  /** What may come with a question. `pictures`: the model sees them. */
  files: { max_files: number; max_chars: number; max_chars_in_all: number; max_picture_bytes: number; pictures: boolean };
  max_body_bytes: number;
  /** Questions may be spoken. */
  dictation: boolean;
};

export type Summary = {
  id: string;
  title: string;
  updated_at: string;
  running_turn_id: string | null;
  pinned: boolean;
  folder_id: string | null;
};

/** `count`: conversations in it. */
export type Folder = { id: string; name: string; count: number };

/** What the list begins with; `items` are those in no folder and not pinned. */
export type Shelf = { pinned: Summary[]; folders: Folder[]; items: Summary[]; next: string | null };

/** `message_id` null: the title is the hit. */
export type Hit = {
  conversation_id: string;
  message_id: string | null;
  title: string;
  where: 'title' | 'question' | 'answer' | 'thought';
  at: string;
  snippet: { text: string; hit: boolean }[];
};

/** `more`: there are older ones besides the `count` that were looked at together. */
export type Found = { items: Hit[]; count: number; more: boolean; next: string | null };

export type Page = { items: Summary[]; next: string | null };

type Of<Type extends TurnEvent['type']> = Extract<TurnEvent, { type: Type }>;
export type FinishReason = Of<'finished'>['reason'];
export type StoppedBy = Of<'stopped'>['by'];
export type WaitReason = Of<'queued'>['reason'];
export type Moved = NonNullable<Of<'queued'>['moved']>;

export type MessageStatus = 'complete' | 'streaming' | 'stopped' | 'failed' | 'interrupted';

export type Message = {
  id: string;
  parent_id: string | null;
  role: 'user' | 'assistant';
  content: string;
  /** There is a thought, which the site sends when it is asked for. */
  has_thought: boolean;
  /** The thought, where this page read it as it came. */
  reasoning?: string;
  status: MessageStatus;
  turn_id: string | null;
  error: { code: string; message: string } | null;
  receipt: Receipt | null;
  /** Null where the turn did not finish. */
  finish_reason: FinishReason | null;
  /** Null where nobody stopped it. */
  stopped_by: StoppedBy | null;
  /** The oldest messages that did not fit the model's context and were not read. */
  left_out: number;
  created_at: string;
  /** What came with a question; none where there is nothing. */
  files?: readonly MessageFile[];
};

/** `size` in bytes. What is in it is read apart, but for what was sent from this page. */
export type MessageFile = { name: string; kind: 'text' | 'picture'; size: number; body?: FileBody };
/** As it is sent; a picture is a data: URL. */
export type FileBody = { name: string; text: string } | { name: string; image: string };
export type FileContent = { name: string; text: string | null; image: string | null };

export type Conversation = {
  id: string;
  title: string;
  head_id: string | null;
  updated_at: string;
  messages: Message[];
};

/** Without a conversation where the question was a temporary one. */
export type Asked = {
  turn_id: string;
  conversation_id: string | null;
  question_id: string | null;
  answer_id: string | null;
};

export type Said = { role: Message['role']; text: string; files?: FileBody[] };

/** `effort` left out: as the site does; `budget`: the most tokens of thought. */
export type Question = { effort?: Effort; budget?: number } & (
  | { content: string; files?: FileBody[]; conversation_id?: string; parent_id?: string | null }
  | { conversation_id: string; regenerate: string; full_thought?: boolean }
  | { conversation_id: string; go_on: string }
  | Temporary
);

/** Nothing of it is stored, so that what was said before comes along. */
export type Temporary = { temporary: true; history: Said[] } & (
  | { text: string; files?: FileBody[]; full_thought?: boolean }
  | { go_on: 'last' }
);

/** ALTCHA's challenge, as its client takes it; `data.most` tries suffice. */
export type Challenge = {
  parameters: {
    algorithm: string;
    cost: number;
    keyLength: number;
    keyPrefix: string;
    nonce: string;
    salt: string;
    keySignature: string;
    expiresAt: number;
    data: { for: string; most: number };
  };
  signature: string;
};

export type ProofOffer = { needed: boolean; challenge: Challenge | null; why: 'quiet' | 'proven' | 'busy' | 'known' };
