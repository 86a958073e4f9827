// Generated from src/thinkwell/values/event.py. Do not edit.

export type Usage = {
  prompt: number;
  cached: number;
  reasoning: number;
  answer: number;
};

export type Receipt = {
  turn_id: string;
  model: string;
  usage: Usage;
  ending: 'finished' | 'failed' | 'stopped';
  waited_s: number;
  first_token_s: number | null;
  thinking_s: number;
  seconds: number;
  tokens_per_s: number | null;
};

export type TurnEvent =
  | { type: 'queued'; position: number; waiting: number; reason: 'busy' | 'engine_starting' | 'engine_down' }
  | { type: 'started'; model: string; replica: string; waited_s: number; left_out: number }
  | { type: 'reasoning_delta'; text: string; tokens: number }
  | { type: 'answer_delta'; text: string; tokens: number }
  | { type: 'tool_call_delta'; index: number; arguments: string; id: string | null; name: string | null }
  | { type: 'finished'; reason: 'stop' | 'length' | 'tool_calls'; receipt: Receipt }
  | { type: 'failed'; code: string; message: string; receipt: Receipt }
  | { type: 'stopped'; by: 'person' | 'reader' | 'operator'; receipt: Receipt };
