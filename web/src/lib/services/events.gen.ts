// Generated from src/thinkwell/values/event.py. Do not edit.

export type Effort = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max';

export type EndedBy = 'person' | 'budget' | 'load';

export type Usage = {
  prompt: number;
  cached: number;
  reasoning: number;
  answer: number;
};

export type Shortening = {
  budget: number;
  full: number;
  waiting: number;
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
  gave_way_s: number;
  shortened: Shortening | null;
  thinking_budget: number | null;
  thought_ended: EndedBy | null;
};

export type TurnEvent =
  | { type: 'queued'; position: number; waiting: number; reason: 'busy' | 'engine_starting' | 'engine_down' | 'gave_way'; expected_s: number | null; p90_s: number | null; moved: 'lighter_first' | 'came_back' | null }
  | { type: 'started'; model: string; replica: string; waited_s: number; left_out: number }
  | { type: 'shortened'; budget: number; full: number; waiting: number }
  | { type: 'lengthened'; budget: number }
  | { type: 'thought_ended'; by: EndedBy }
  | { type: 'reasoning_delta'; text: string; tokens: number }
  | { type: 'answer_delta'; text: string; tokens: number }
  | { type: 'tool_call_delta'; index: number; arguments: string; id: string | null; name: string | null; tokens: number }
  | { type: 'finished'; reason: 'stop' | 'length' | 'tool_calls'; receipt: Receipt }
  | { type: 'failed'; code: string; message: string; receipt: Receipt; retry_after_s: number | null }
  | { type: 'stopped'; by: 'person' | 'reader' | 'operator'; receipt: Receipt };
