import { flushSync, mount, unmount, type Component } from 'svelte';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Receipt, Site } from '../services/wire';
import { effort } from '../stores/effort.svelte';
import { receiptRowsWords } from '../stores/receiptrows';
import { site } from '../stores/site.svelte';
import type { Start } from '../turn/start';
import { fresh, type Place, type TurnView } from '../turn/view';
import EffortChoice from './EffortChoice.svelte';
import EndingNote from './EndingNote.svelte';
import GrowingText from './GrowingText.svelte';
import ReceiptLine from './ReceiptLine.svelte';
import ReceiptRows from './ReceiptRows.svelte';
import ShortThought from './ShortThought.svelte';
import ThoughtButton from './ThoughtButton.svelte';
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
  ...{ waited_s: 0.2, first_token_s: 0.1, thinking_s: 5.4, seconds: 8.24, tokens_per_s: 43.2, gave_way_s: 0, shortened: null, thinking_budget: null, thought_ended: null, tier: 'visitor', behind: false, charge: null, energy: null, cost: null, mark: null },
};

describe('the way to the answer', () => {
  it('stays where it is when it was pressed, and says what is done', () => {
    const onpress = vi.fn();
    show(ThoughtButton, { label: 'Answer now', askedLabel: 'Ending the thought…', asked: false, onpress });
    document.querySelector('button')?.click();
    expect(onpress).toHaveBeenCalledOnce();
    show(ThoughtButton, { label: 'Answer now', askedLabel: 'Ending the thought…', asked: true, onpress });
    const button = document.querySelector('button');
    expect([button?.textContent, button?.getAttribute('aria-disabled'), button?.disabled]).toEqual(['Ending the thought…', 'true', false]);
  });
});

describe('how long it thinks', () => {
  const about = (efforts: string[]): void => {
    site.about = { model: { efforts } } as unknown as Site;
  };
  const options = (): (string | null)[] => [...document.querySelectorAll('option')].map((option) => option.textContent);

  afterEach(() => {
    site.about = null;
    effort.choose('');
  });

  it('is not asked where the model does not think', () => {
    about([]);
    show(EffortChoice, {});
    expect(document.querySelector('select')).toBeNull();
  });

  it('is chosen among what the model knows, and kept', () => {
    about(['low', 'xhigh', 'max']);
    show(EffortChoice, {});
    expect(options()).toEqual(['As usual', 'Briefly', 'As long as it needs']);
    const select = document.querySelector('select')!;
    expect(document.querySelector('label')?.textContent).toContain('How long it thinks');
    select.value = 'max';
    select.dispatchEvent(new Event('change', { bubbles: true }));
    expect([effort.chosen, localStorage.getItem('thinkwell.effort')]).toEqual(['max', 'max']);
    select.value = '';
    select.dispatchEvent(new Event('change', { bubbles: true }));
    expect([effort.chosen, localStorage.getItem('thinkwell.effort')]).toEqual([null, null]);
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

  const rows = (): string[] => [...document.querySelectorAll('dt')].map((name) => `${name.textContent}: ${name.nextElementSibling?.textContent}`);

  it('tells what was chosen for the thought, how short it was kept, and who ended it', async () => {
    const shortened = { budget: 256, full: 2048, waiting: 212 };
    await receiptRowsWords.follow();
    show(ReceiptRows, { receipt: { ...receipt, thinking_budget: 1024, shortened, thought_ended: 'load' } });
    expect(rows().slice(3, 6)).toEqual([
      'Chosen for the thought: at most 1,024 tokens',
      'Shortened for others: 256 of 2,048 tokens',
      'Thought ended: early, for others',
    ]);
    show(ReceiptRows, { receipt: { ...receipt, thinking_budget: 0 } });
    expect(rows()).toContain('Chosen for the thought: no thought');
    show(ReceiptRows, { receipt });
    expect(text()).not.toMatch(/Chosen|Shortened|ended/);
  });

  it('tells how much of the wait was a pause for others', async () => {
    show(ReceiptLine, { receipt: { ...receipt, waited_s: 12.3, gave_way_s: 8.2 } });
    expect(text()).toContain('waited 12 s');
    await receiptRowsWords.follow();
    show(ReceiptRows, { receipt: { ...receipt, waited_s: 12.3, gave_way_s: 8.2 } });
    expect(rows().slice(4, 6)).toEqual(['In line: 12 s', 'of which paused for others: 8.2 s']);
  });
});

describe('the state of a turn', () => {
  const place: Place = { position: 3, waiting: 7, reason: 'busy', expectedS: 21, p90S: 55, moved: null, behind: false, resetsS: null };
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

  it('tells who goes first where the quota is used up, and until when', () => {
    show(TurnStatus, { view: { ...waiting, place: { ...place, behind: true } }, start: null, resetsAt: null, connected: true, sending: false });
    expect(text()).toContain('Your quota is used up, so the others go first.');
  });

  it('tells that it pauses for others and goes on by itself', () => {
    const paused = { ...waiting, paused: 'thinking', place: { ...place, reason: 'gave_way' } } as const;
    expect(status(paused, start(21_000, 50_000))).toBe('Paused for others: 6 are waiting. Goes on in about 20 seconds It goes on by itself.');
    expect(status({ ...paused, place: { ...paused.place, waiting: 1 } })).toBe('Paused for others. It goes on by itself.');
    expect(status({ ...paused, place: { ...place, reason: 'busy' } })).toContain('The machine that was writing this was lost.');
  });

  it('tells that the answer comes next where the thought was ended', () => {
    expect(status({ ...fresh, phase: 'answering', endedBy: 'person' })).toBe('Writing the answer…');
    expect(status({ ...waiting, endedBy: 'person' })).toContain('It will go straight to the answer.');
  });

  it('says when the line to the site is lost', () => {
    show(TurnStatus, { view: { ...fresh, phase: 'answering', answer: 'So' }, start: null, connected: false, sending: false });
    expect(text()).toBe('Reconnecting…');
  });
});

describe('a short thought', () => {
  const shortened = { budget: 256, full: 2048, waiting: 212 };
  const nothing = { asked: false, disabled: false, onthinkon: undefined, onmore: undefined };

  it('says why, and offers more once it is over', () => {
    const onmore = vi.fn();
    show(ShortThought, { shortened, ...nothing, onmore });
    expect(text()).toBe('Short thinking: 212 people were waiting. Think longer');
    document.querySelector('button')?.click();
    expect(onmore).toHaveBeenCalledOnce();
    show(ShortThought, { shortened: { ...shortened, waiting: 1 }, ...nothing });
    expect(text()).toBe('Short thinking: 1 person was waiting.');
  });

  it('can think on while it runs', () => {
    const onthinkon = vi.fn();
    show(ShortThought, { shortened: { ...shortened, waiting: 0 }, ...nothing, onthinkon });
    expect(text()).toBe('Short thinking: the site is busy. Think on');
    document.querySelector('button')?.click();
    expect(onthinkon).toHaveBeenCalledOnce();
    show(ShortThought, { shortened, ...nothing, onthinkon, asked: true });
    expect(document.querySelector('button')?.getAttribute('aria-disabled')).toBe('true');
    expect(text()).toContain('Letting it think on…');
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
