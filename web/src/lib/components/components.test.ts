import { flushSync, mount, unmount, type Component } from 'svelte';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Receipt } from '../services/wire';
import type { Start } from '../turn/start';
import { fresh, type Place, type TurnView } from '../turn/view';
import EndingNote from './EndingNote.svelte';
import GrowingText from './GrowingText.svelte';
import ReceiptLine from './ReceiptLine.svelte';
import ShortThought from './ShortThought.svelte';
import ThoughtPane from './ThoughtPane.svelte';
import TurnStatus from './TurnStatus.svelte';

let shown: Record<string, unknown> | undefined;

beforeAll(() => vi.stubGlobal('CSS', { supports: () => true }));
afterEach(() => {
  if (shown) void unmount(shown);
  shown = undefined;
});

function show<Props extends Record<string, unknown>>(component: Component<Props>, props: Props): HTMLElement {
  document.body.replaceChildren();
  shown = mount(component, { target: document.body, props });
  flushSync();
  return document.body;
}

const text = (): string => (document.body.textContent ?? '').replace(/\s+/g, ' ').trim();

const receipt: Receipt = {
  ...{ turn_id: 't', model: 'SmolLM2', ending: 'finished', usage: { prompt: 512, cached: 128, reasoning: 300, answer: 1200 } },
  ...{ waited_s: 0.2, first_token_s: 0.1, thinking_s: 5.4, seconds: 8.24, tokens_per_s: 43.2, gave_way_s: 0, shortened: null },
};

describe('the thought', () => {
  it('is open while it forms, with the seconds, as plain text', () => {
    show(ThoughtPane, { thought: '<b>Hm</b> **x**', thinking: true, paused: false, since: Date.now() - 3100, seconds: null });
    const button = document.querySelector('button');
    expect(button?.getAttribute('aria-expanded')).toBe('true');
    expect(button?.textContent).toMatch(/Thinking…\s*3 s/);
    expect(document.querySelector('.window')?.innerHTML).toBe('&lt;b&gt;Hm&lt;/b&gt; **x**');
  });

  it('shows only its end while it is long', () => {
    show(ThoughtPane, { thought: `${'a\n'.repeat(50_000)}the end`, thinking: true, paused: false, since: null, seconds: null });
    const live = document.querySelector('.window')?.textContent ?? '';
    expect(live.length).toBeLessThanOrEqual(12_000);
    expect(live.endsWith('the end')).toBe(true);
  });

  it('is folded when it is over, with nothing of it in the page, and opens at a press', () => {
    show(ThoughtPane, { thought: 'A secret thought', thinking: false, paused: false, since: null, seconds: 5.4 });
    const button = document.querySelector('button');
    expect(text()).toBe('Thought for 5 s');
    expect(button?.getAttribute('aria-expanded')).toBe('false');
    button?.click();
    flushSync();
    expect(button?.getAttribute('aria-expanded')).toBe('true');
    expect(text()).toContain('A secret thought');
    button?.click();
    flushSync();
    expect(text()).not.toContain('secret');
  });

  it('stays open while it pauses, and counts no seconds', () => {
    show(ThoughtPane, { thought: 'Hm', thinking: true, paused: true, since: Date.now() - 3100, seconds: 3.1 });
    expect(document.querySelector('button')?.textContent?.trim()).toBe('The thought so far');
    expect(document.querySelector('.window')?.textContent).toBe('Hm');
  });

  it.each([
    [0.4, 'Thought for less than a second'],
    [1.2, 'Thought for 1 s'],
    [59.7, 'Thought for 1 min 0 s'],
    [125, 'Thought for 2 min 5 s'],
  ])('of %d seconds is called "%s"', (seconds, label) => {
    show(ThoughtPane, { thought: 'x', thinking: false, paused: false, since: null, seconds });
    expect(text()).toBe(label);
  });
});

describe('the receipt', () => {
  it('tells tokens by kind, seconds and speed, and no wait that nobody felt', () => {
    show(ReceiptLine, { receipt });
    const parts = [...document.querySelectorAll('.part')].map((part) => part.textContent);
    expect(parts).toEqual(['question 512 (128 cached)', 'thought 300', 'answer 1,200', '8.2 s', '43 tokens/s']);
  });

  it('tells a wait that was felt', () => {
    show(ReceiptLine, { receipt: { ...receipt, waited_s: 12.3, tokens_per_s: null } });
    expect(text()).toContain('waited 12 s');
    expect(text()).not.toContain('tokens/s');
    expect(text()).not.toContain('paused');
  });

  it('tells how much of the wait was a pause for others', () => {
    show(ReceiptLine, { receipt: { ...receipt, waited_s: 12.3, gave_way_s: 8.2 } });
    expect(text()).toContain('waited 12 s');
    const rows = [...document.querySelectorAll('dt')].map((name) => `${name.textContent}: ${name.nextElementSibling?.textContent}`);
    expect(rows.slice(4, 6)).toEqual(['In line: 12 s', 'of which paused for others: 8.2 s']);
  });
});

describe('the state of a turn', () => {
  const place: Place = { position: 3, waiting: 7, reason: 'busy', expectedS: 21, p90S: 55, moved: null };
  const waiting = { ...fresh, phase: 'waiting', place } as const;
  const start = (inMs: number, mostMs: number | null): Start => ({ at: Date.now() + inMs, mostAt: mostMs === null ? null : Date.now() + mostMs, late: false });
  const status = (view: TurnView, when: Start | null = null): string => {
    show(TurnStatus, { view, start: when, connected: true, sending: false });
    return text();
  };

  afterEach(() => void vi.useRealTimers());

  it('tells the place in line', () => {
    expect(status(waiting)).toContain('You are number 3 of 7 in line');
    expect(document.querySelectorAll('.drops span')).toHaveLength(7);
  });

  it('tells when it starts, and counts down to any moment', () => {
    vi.useFakeTimers();
    expect(status(waiting, start(21_000, 50_000))).toContain('Starts in about 20 seconds; 9 of 10 start within 50 seconds');
    const after = (ms: number): string => {
      vi.advanceTimersByTime(ms);
      flushSync();
      return text();
    };
    expect(after(10_000)).toContain('Starts in about 10 seconds; 9 of 10 start within 40 seconds');
    expect(after(20_000)).toContain('Any moment now; 9 of 10 start within 20 seconds');
    expect(after(25_000)).toContain('Any moment now Later than first said: the answers before yours take longer.');
  });

  it('tells why the place rose, and why it starts later', () => {
    const moved = { why: 'lighter_first', from: 2 } as const;
    expect(status({ ...waiting, place: { ...place, moved } })).toContain('People who have used less came in between.');
    expect(status(waiting, { ...start(30_000, null), late: true })).toContain('Later than first said');
  });

  it('tells what is waited for when it is not the others', () => {
    expect(status({ ...waiting, place: { ...place, reason: 'engine_down' } })).toContain('The model has stopped and is being brought back.');
  });

  it('tells that it pauses for others and goes on by itself', () => {
    const paused = { ...waiting, paused: 'thinking', place: { ...place, reason: 'gave_way' } } as const;
    expect(status(paused, start(21_000, 50_000))).toBe('Paused for others: 6 are waiting. Goes on in about 20 seconds It goes on by itself.');
    expect(status({ ...paused, place: { ...paused.place, waiting: 1 } })).toBe('Paused for others. It goes on by itself.');
    expect(status({ ...paused, place: { ...place, reason: 'busy' } })).toContain('The machine that was writing this was lost.');
  });

  it('says when the line to the site is lost', () => {
    show(TurnStatus, { view: { ...fresh, phase: 'answering' }, start: null, connected: false, sending: false });
    expect(text()).toBe('Reconnecting…');
  });
});

describe('a short thought', () => {
  const shortened = { budget: 256, full: 2048, waiting: 212 };

  it('says why, and offers more once it is over', () => {
    const onmore = vi.fn();
    show(ShortThought, { shortened, disabled: false, onmore });
    expect(text()).toBe('Short thinking: 212 people were waiting. Think longer');
    document.querySelector('button')?.click();
    expect(onmore).toHaveBeenCalledOnce();
    show(ShortThought, { shortened: { ...shortened, waiting: 1 }, disabled: false, onmore: undefined });
    expect(text()).toBe('Short thinking: 1 person was waiting.');
  });
});

describe('an ending', () => {
  const done = { ...fresh, phase: 'done', answer: 'x' } as const;

  it('by failure is told in the reader\'s words, with a way on', () => {
    const onretry = vi.fn();
    show(EndingNote, { view: { ...done, ending: { kind: 'failed', code: 'engine_stalled', message: 'raw' } }, onretry });
    expect(text()).toContain('The model went silent.');
    document.querySelector('button')?.click();
    expect(onretry).toHaveBeenCalledOnce();
  });

  it('of an unknown kind is told in the site\'s words', () => {
    show(EndingNote, { view: { ...done, ending: { kind: 'failed', code: 'new_code', message: 'The pump broke.' } }, onretry: undefined });
    expect(text()).toBe('The pump broke.');
  });

  it('at the limit, by the site, or without a word is told; a plain one is not', () => {
    show(EndingNote, { view: { ...done, ending: { kind: 'finished', finish: 'length' } }, onretry: undefined });
    expect(text()).toBe('The answer reached its length limit.');
    show(EndingNote, { view: { ...done, ending: { kind: 'interrupted' } }, onretry: undefined });
    expect(text()).toBe('The site stopped while answering; this is what was said.');
    show(EndingNote, { view: { ...done, ending: { kind: 'finished', finish: 'stop' } }, onretry: undefined });
    expect(text()).toBe('');
  });
});

describe('the question box', () => {
  const press = (init: KeyboardEventInit & { keyCode?: number }): boolean => {
    const event = new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init });
    document.querySelector('textarea')?.dispatchEvent(event);
    return event.defaultPrevented;
  };

  it('sends at Enter, and at nothing else', () => {
    const onenter = vi.fn();
    show(GrowingText, { id: 'x', value: 'Why?', onenter });
    expect(press({ key: 'Enter', shiftKey: true })).toBe(false);
    expect(press({ key: 'Enter', isComposing: true })).toBe(false);
    expect(press({ key: 'Enter', keyCode: 229 })).toBe(false);
    expect(onenter).not.toHaveBeenCalled();
    expect(press({ key: 'Enter' })).toBe(true);
    expect(onenter).toHaveBeenCalledOnce();
  });
});
