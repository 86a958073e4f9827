/** A message as it is before anything of it is known but its place. */
import type { Message } from '../services/wire';

export const blank = (id: string, parent_id: string | null, role: Message['role'], created_at: string): Message => ({
  ...{ id, parent_id, role, created_at },
  ...{ content: '', has_thought: false, turn_id: null, error: null, receipt: null },
  ...{ finish_reason: null, stopped_by: null, left_out: 0 },
  status: role === 'assistant' ? 'streaming' : 'complete',
});
