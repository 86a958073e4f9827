// Generated from src/thinkwell/values/event.py. Do not edit.

export type Effort = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max';

export type EndedBy = 'person' | 'budget' | 'load' | 'site';

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

export type PriceLine = {
  kind: 'prompt' | 'cached' | 'reasoning' | 'answer';
  tokens: number;
  per_million: number;
};

export type Charge = {
  currency: string;
  lines: PriceLine[];
  discount: number;
  price: number;
  free: number;
  due: number;
  waived: number;
  waived_why: string | null;
};

export type Energy = {
  microjoules: number | null;
  measured: boolean;
  machine_us: number;
};

export type Mark = {
  made_by: 'ai';
  site: string;
  at: number;
  answer_sha256: string;
  key: string;
  signature: string;
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
  tier: string;
  behind: boolean;
  charge: Charge | null;
  energy: Energy | null;
  cost: number | null;
  mark: Mark | null;
};

export type TurnEvent =
  | { type: 'queued'; position: number; waiting: number; reason: 'busy' | 'engine_starting' | 'engine_down' | 'gave_way'; expected_s: number | null; p90_s: number | null; moved: 'lighter_first' | 'came_back' | 'within_quota' | null; behind: boolean; resets_s: number | null }
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
