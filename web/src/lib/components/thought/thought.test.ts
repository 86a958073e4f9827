import { flushSync, mount, unmount, type Component } from 'svelte';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeSite } from '../../../../tests/fakesite';
import type { Message, Receipt } from '../../services/wire';
import { chat } from '../../stores/chat.svelte';
import { compose } from '../../stores/compose.svelte';
import { hash } from '../../stores/hash.svelte';
import { blank } from '../../tree/blank';
import { fresh, type TurnView } from '../../turn/view';
import ThoughtPane from '../ThoughtPane.svelte';
import LiveThought from './LiveThought.svelte';
import { LiveText } from './livetext';
import OpenThought from './OpenThought.svelte';
import ThoughtReader from './ThoughtReader.svelte';

let shown: Record<string, unknown> | undefined;

beforeAll(() => {
  vi.stubGlobal('CSS', { supports: () => true });
  Element.prototype.scrollIntoView = () => undefined;
  Range.prototype.getBoundingClientRect = () => new DOMRect(0, 200, 10, 10);
});

afterEach(() => {
  if (shown) void unmount(shown);
  shown = undefined;
  hash.value = '';
});

function show<Props extends Record<string, unknown>>(component: Component<Props>, props: Props): void {
  document.body.replaceChildren();
  shown = mount(component, { target: document.body, props });
  flushSync();
}

const text = (): string => (document.body.textContent ?? '').replace(/\s+/g, ' ').trim();
const message: Message = { ...blank('a1', 'q1', 'assistant', ''), status: 'complete', has_thought: true };
const button = (label: string): HTMLButtonElement => document.querySelector<HTMLButtonElement>(`button[aria-label="${label}"]`)!;
const current = (): string | null | undefined => document.querySelector('[aria-current=step] a')?.getAttribute('aria-label');

type More = { thinking?: boolean; since?: number | null; seconds?: number | null; held?: boolean };

function pane(view: Partial<TurnView>, more: More = {}): void {
  show(ThoughtPane, { message, view: { ...fresh, hasThought: true, ...view }, thinking: false, since: null, seconds: null, ...more });
}

describe('the thought', () => {
  it('is open while it forms, with the seconds, as plain text', () => {
    pane({ thoughtEnd: '<b>Hm</b> **x**', thoughtChars: 15 }, { thinking: true, since: Date.now() - 3100 });
    const fold = document.querySelector('button');
    expect(fold?.getAttribute('aria-expanded')).toBe('true');
    expect(fold?.textContent).toMatch(/Thinking…\s*3 s/);
    expect(document.querySelector('.window p')?.innerHTML).toBe('&lt;b&gt;Hm&lt;/b&gt; **x**');
  });

  it('is folded when it is over, with nothing of it in the page, and opens at a press', async () => {
    pane({ thought: 'A secret thought' }, { seconds: 5.4 });
    expect(text()).toBe('Thought for 5 s');
    const fold = document.querySelector('button');
    expect(fold?.getAttribute('aria-expanded')).toBe('false');
    fold?.click();
    flushSync();
    expect(fold?.getAttribute('aria-expanded')).toBe('true');
    await vi.waitFor(() => expect(document.querySelector('ol')?.textContent).toBe('A secret thought'));
    fold?.click();
    flushSync();
    expect(text()).not.toContain('secret');
  });

  it('stays open while it pauses, and counts no seconds', () => {
    pane({ thoughtEnd: 'Hm\nso', thoughtChars: 5, paused: 'thinking' }, { thinking: true, since: Date.now() - 3100, seconds: 3.1 });
    expect(document.querySelector('button')?.textContent?.trim()).toBe('The thought so far');
    expect(document.querySelector('.window')?.textContent).toBe('Hm\nso');
  });

  it('opens at the step that the address names', async () => {
    hash.value = 'a1.2';
    pane({ thought: 'One.\n\nTwo.\n\nThree.' });
    await vi.waitFor(() => expect(current()).toBe('Go to step 2'));
    expect(document.activeElement).toBe(document.querySelectorAll('li')[1]);
  });

  it.each([
    [0.4, 'Thought for less than a second'],
    [1.2, 'Thought for 1 s'],
    [59.7, 'Thought for 1 min 0 s'],
    [125, 'Thought for 2 min 5 s'],
  ])('of %d seconds is called "%s"', (seconds, label) => {
    pane({}, { seconds });
    expect(text()).toBe(label);
  });

  it('says how many tokens it took', () => {
    const usage = { prompt: 1, cached: 0, reasoning: 1340, answer: 2 };
    pane({ receipt: { usage } as Receipt, endedBy: 'person' }, { seconds: 12 });
    expect(text()).toBe('Thought for 12 s, ended by you · 1,340 tokens');
  });

  it.each([
    ['person', 'Thought for 5 s, ended by you'],
    ['budget', 'Thought for 5 s, ended at the length you chose'],
    ['load', 'Thought for 5 s, ended early for others'],
    ['site', 'Thought for 5 s, ended at the most that this site allows'],
  ] as const)('that was ended by %s says so', (endedBy, label) => {
    pane({ endedBy }, { seconds: 5.4 });
    expect(text()).toBe(label);
  });

  it('says who ended it of an unknown length too', () => {
    pane({ endedBy: 'person' });
    expect(text()).toBe('The whole thought, ended by you');
  });
});

describe('the live window', () => {
  const grow = (pieces: string[], following = true): { box: HTMLElement; whole: string } => {
    const box = document.createElement('div');
    const live = new LiveText(box);
    let whole = '';
    for (const piece of pieces) {
      whole += piece;
      live.show(whole.slice(-12_000), whole.length, following);
    }
    return { box, whole };
  };

  it('shows the end of the text as it is, whatever the pieces', () => {
    for (const size of [1, 7, 500, 9000]) {
      const text = 'One line.\n\n  Another, and *more*\u{1f4a7}\n'.repeat(400);
      const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, at) => text.slice(at * size, (at + 1) * size));
      const { box, whole } = grow(pieces);
      const shown = box.textContent ?? '';
      expect(whole.endsWith(shown)).toBe(true);
      expect(shown.length).toBeGreaterThan(3000);
      expect(shown.length).toBeLessThan(8000);
    }
  });

  it('changes only its last lines when more comes', () => {
    const box = document.createElement('div');
    const live = new LiveText(box);
    const text = 'Word after word. '.repeat(200);
    live.show(text, text.length, true);
    const before = [...box.children].slice(0, -1).map((child) => child.firstChild);
    live.show(`${text}More.`, text.length + 5, true);
    expect([...box.children].slice(0, before.length).map((child) => child.firstChild)).toEqual(before);
    expect(box.textContent).toBe(`${text}More.`);
  });

  it('lays out no long line as one, and cuts no character', () => {
    const { box } = grow([`${'x'.repeat(1799)}${'\u{1f4a7}'.repeat(1000)}`]);
    const blocks = [...box.children].map((child) => child.textContent ?? '');
    expect(Math.max(...blocks.map((block) => block.length))).toBeLessThanOrEqual(1800);
    expect(blocks.every((block) => block.isWellFormed())).toBe(true);
  });

  it('takes nothing away from who reads further up', () => {
    const { box, whole } = grow(Array.from({ length: 200 }, () => 'A line that is read.\n'.repeat(5)), false);
    expect(box.textContent).toBe(whole);
  });

  it('begins anew where more came than it can be told', () => {
    const box = document.createElement('div');
    const live = new LiveText(box);
    live.show('first', 5, true);
    live.show('the end', 50_000, true);
    expect(box.textContent).toBe('the end');
  });

  it('is reached by keyboard and has a name', () => {
    show(LiveThought, { end: 'x', chars: 1 });
    const window = document.querySelector('.window');
    expect([window?.getAttribute('tabindex'), window?.getAttribute('aria-label')]).toEqual(['0', 'The thought so far']);
  });
});

describe('a stored thought', () => {
  let site: FakeSite;
  const path = 'GET /api/conversations/c1/messages/a9/thought';
  const opened = { message: { ...message, id: 'a9' }, thought: '', step: null };

  beforeEach(() => {
    site = new FakeSite();
    chat.id = 'c1';
  });
  afterEach(() => {
    chat.id = null;
    vi.unstubAllGlobals();
  });

  it('is asked for when it is opened; a failure is told and can be tried again', async () => {
    site.on(path, { status: 503, body: { error: { code: 'storage_unavailable', message: 'x' } } });
    show(OpenThought, opened);
    await vi.waitFor(() => expect(text()).toContain('Try again'));
    site.on(path, { status: 200, body: { thought: 'One.\n\nTwo.' } });
    document.querySelector('button')?.click();
    await vi.waitFor(() => expect(document.querySelectorAll('li')).toHaveLength(2));
    show(OpenThought, opened);
    await vi.waitFor(() => expect(document.querySelectorAll('li')).toHaveLength(2));
    expect(site.paths('GET')).toHaveLength(2);
  });
});

describe('the reader', () => {
  const thought = Array.from({ length: 9 }, (_, at) => `Thought ${at + 1} of water.`).join('\n\n');
  const read = (step: number | null = null): void => show(ThoughtReader, { text: thought, messageId: 'a1', step });
  const press = (key: string, at: Element = document.querySelector('li')!, more = {}): void => {
    at.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }));
    flushSync();
  };

  it('shows steps that join to the thought, and goes through them by buttons and keys', async () => {
    read();
    expect([...document.querySelectorAll('li')].map((item) => item.textContent)).toEqual(thought.split('\n\n'));
    expect(text()).toContain('Step 1 of 9');
    expect(button('Previous step').disabled).toBe(true);
    button('Next step').click();
    flushSync();
    expect(current()).toBe('Go to step 2');
    press('j');
    await vi.waitFor(() => expect(document.activeElement).toBe(document.querySelectorAll('li')[2]));
    press('k');
    press('k');
    press('k');
    expect(current()).toBe('Go to step 1');
    press('j', document.querySelector('li')!, { ctrlKey: true });
    expect(current()).toBe('Go to step 1');
  });

  it('goes no further than its end, whatever the address says', () => {
    read(4000);
    expect(current()).toBe('Go to step 9');
  });

  it('finds words, and gives the focus back', async () => {
    read(4);
    press('/');
    const input = document.querySelector('input')!;
    expect(document.activeElement).toBe(input);
    const look = (wanted: string): void => {
      input.value = wanted;
      input.dispatchEvent(new Event('input', { bubbles: true }));
      flushSync();
    };
    look('WATER');
    const place = (): string | null | undefined => document.querySelector('[role=search] [role=status]')?.textContent;
    expect([place(), current()]).toEqual(['5 of 9', 'Go to step 5']);
    press('Enter', input);
    expect(place()).toBe('6 of 9');
    press('Enter', input, { shiftKey: true });
    press('Enter', input, { shiftKey: true });
    expect(place()).toBe('4 of 9');
    look('wine');
    expect(place()).toBe('Not in this thought');
    press('j', input);
    expect(current()).toBe('Go to step 4');
    press('Escape', input);
    await vi.waitFor(() => expect(document.activeElement).toBe(button('Search the thought')));
    expect(document.querySelector('input')).toBeNull();
  });

  it('puts a step into the next question', () => {
    read(1);
    button('Quote this step in your next question').click();
    expect(compose.take('')).toBe('> Thought 2 of water.\n\n');
  });

  it('links to a step where the conversation has an address', () => {
    read();
    expect(button('Copy a link to this step')).toBeNull();
    chat.id = 'c1';
    flushSync();
    expect(button('Copy a link to this step')).not.toBeNull();
    expect(document.querySelector('li a')?.getAttribute('href')).toBe('#a1.1');
    chat.id = null;
  });
});
