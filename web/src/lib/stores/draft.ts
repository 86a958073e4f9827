/** The question that is being written, kept per conversation for as long as the tab lives. */
import { drafts } from '../services/kept';

const name = (conversationId: string | null): string => `draft.${conversationId ?? 'new'}`;

export const readDraft = (conversationId: string | null): string => drafts.read(name(conversationId)) ?? '';
export const keepDraft = (conversationId: string | null, text: string): void => drafts.write(name(conversationId), text);
