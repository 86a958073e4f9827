import { flushSync, mount, tick, unmount, type Component } from 'svelte';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeSite } from '../../../../tests/fakesite';
import type { Adapter, Adapters, Run, RunRow } from '../../stores/training.svelte';
import { operatorWords } from '../../stores/operatorwords';
import { trainingWords } from '../../stores/trainingwords';
import AdaptersPanel from './AdaptersPanel.svelte';
import EvaluationTables from './EvaluationTables.svelte';
import RunDetail from './RunDetail.svelte';
import RunsPanel from './RunsPanel.svelte';

// Asked by the page when it is loaded; a test has no screen.
vi.hoisted(() => {
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined }));
  vi.stubGlobal('ResizeObserver', class { observe(): void {} unobserve(): void {} disconnect(): void {} });
});

let shown: Record<string, unknown> | undefined;
let world: FakeSite;

beforeAll(async () => {
  await Promise.all([trainingWords.follow(), operatorWords.follow()]);
  HTMLDialogElement.prototype.showModal = function open(this: HTMLDialogElement) {
    this.open = true;
  };
});
beforeEach(() => {
  world = new FakeSite();
});
afterEach(() => {
  if (shown) void unmount(shown);
  shown = undefined;
});

function show<Props extends Record<string, unknown>>(component: Component<Props>, props: Props): void {
  document.body.replaceChildren();
  shown = mount(component, { target: document.body, props });
  flushSync();
}

const text = (): string => (document.body.textContent ?? '').replace(/[\u2066-\u2069]/g, '').replace(/\s+/g, ' ').trim();
const press = (name: string): void => {
  const button = [...document.querySelectorAll('button')].find((one) => (one.getAttribute('aria-label') ?? one.textContent ?? '').replace(/[\u2066-\u2069]/g, '').trim() === name);
  if (!button) throw new Error(`There is no button ${name} in: ${text()}`);
  button.click();
  flushSync();
};

const stage = { name: 'sft', done: 120, steps: 400, tokens: 50_000, seconds: 60, tokens_per_s: 833.3 };
const row = (name: string, fields: Partial<RunRow> = {}): RunRow => ({
  ...{ name, title: 'Adder', base: 'smollm2', stages: [stage], written_at: 1_790_000_000_000, tokens: 50_000, seconds: 60 },
  ...{ spend: 830, currency: 'EUR' },
  ...fields,
});

describe('the runs', () => {
  it('say how one begins where there is none', () => {
    show(RunsPanel, { runs: { folders: ['/data/training/runs'], items: [] }, shown: null });
    expect(text()).toContain('There is no run yet. One begins with this command: thinkwell train sft RUN.toml');
    expect(text()).toContain('/data/training/runs');
  });

  it('say how far they are, and offer those that are not shown', () => {
    show(RunsPanel, { runs: { folders: [], items: [row('one'), row('two', { stages: [], spend: null })] }, shown: 'one' });
    expect(text()).toContain('Fine-tuning: 120 of 400');
    expect(text()).toContain('833.3');
    expect([...document.querySelectorAll('button')].length).toBe(1);
    press('Show two');
  });
});

describe('a run', () => {
  const run = (fields: Partial<Run>): Run => ({
    ...{ run: row('one'), stages: [], data: null, evaluations: [], talk: [], behind: false, unread_lines: 0, unread: [] },
    ...fields,
  });

  it('has a plot for each of its curves, and names what could not be read', async () => {
    const curve = (name: string): object => ({ name, step: [0, 1, 2], value: [3, 2, -1] });
    const stages = [{ name: 'grpo', curves: ['loss', 'reward', 'reward_correct', 'tokens_per_s', 'unheard_of'].map(curve) }];
    const told = run({ stages: stages as Run['stages'], unread: [{ file: 'talk.json', why: 'damaged' }], unread_lines: 2, behind: true });
    world.on('GET /api/operator/training/one', { status: 200, body: told });
    show(RunDetail, { name: 'one' });
    await vi.waitFor(() => expect(text()).toContain('talk.json is damaged.'));
    expect(text()).toContain('2 lines of what it measured cannot be read.');
    expect(text()).toContain('still being read');
    expect([...document.querySelectorAll('h2')].map((one) => one.textContent.replace(/[\u2066-\u2069]/g, ''))).toEqual(['Run one', 'Loss', 'Reward', 'Tokens a second']);
    expect(text()).toContain('correct');
    expect(text()).not.toContain('unheard_of');
  });

  it('that is gone is said to be', async () => {
    world.on('GET /api/operator/training/one', { status: 404, body: { error: { code: 'not_found', message: 'x' } } });
    show(RunDetail, { name: 'one' });
    await vi.waitFor(() => expect(document.querySelector('[role=alert]')).not.toBeNull());
  });
});

it('an evaluation is a table with its interval, and a hostile name only text', () => {
  const line = { name: '<img src=x>', count: 1000, strict: 0.54, low: 0.509, high: 0.571, tokens: 48.2 };
  const evaluation = { name: 'adapter-plain-0', settings: { way: 'plain' }, table: [{ ...line, name: 'all' }, line] };
  show(EvaluationTables, { evaluations: [evaluation], talk: [] });
  expect(text()).toContain('Evaluation: adapter-plain-0');
  expect(text()).toContain('Asked with: way plain.');
  expect(text()).toContain('50.9% to 57.1%');
  expect(text()).toContain('<img src=x>');
  expect(document.querySelector('img')).toBeNull();
});

describe('the adapters', () => {
  const adapter = (name: string): Adapter => ({
    ...{ name, model: name, title: name.toUpperCase(), engine: name, state: 'ready', since: 1_790_000_000_000 },
    ...{ running: 0, turns: 12, finished: 10, failed: { engine_broken: 2 } },
    ...{ mean_reasoning_tokens: 31.2, mean_answer_tokens: null, mean_seconds: 1.5 },
  });
  const now = (fields: Partial<Adapters> = {}): Adapters => ({
    ...{ current: adapter('base'), candidate: null, percent: 0, retiring: [], past: [], available: ['base', 'mini'] },
    ...fields,
  });

  it('are tried, after a question, and with one', async () => {
    world.on('POST /api/operator/adapters/candidate', { status: 200, body: { passed: true, smoke: [], adapters: now() } });
    world.on('GET /api/operator/adapters', { status: 200, body: now() });
    show(AdaptersPanel, { now: now() });
    press('Try it');
    expect(text()).toContain('Try mini?');
    press('Cancel');
    expect(world.paths('POST')).toEqual([]);
    press('Try it');
    const [, sure] = document.querySelectorAll<HTMLButtonElement>('dialog button');
    sure?.click();
    await vi.waitFor(() => expect(world.paths('POST')).toEqual(['/api/operator/adapters/candidate']));
    await tick();
  });

  it('on trial get a share, are put in place or given up, each after a question', () => {
    show(AdaptersPanel, { now: now({ candidate: adapter('mini'), percent: 12.5, past: [adapter('old')] }) });
    expect(text()).toContain('on trial, 12.5%');
    for (const [button, question] of [
      ['Set the share', 'Give 12.5% of new conversations to MINI?'],
      ['Put in place: MINI', 'Answer with MINI from now on?'],
      ['Give up MINI', 'Give up MINI?'],
    ] as const) {
      press(button);
      expect(text()).toContain(question);
      press('Cancel');
    }
    expect(world.paths('POST')).toEqual([]);
  });

  it('without another there is nothing to try, and it is said where they are looked for', () => {
    show(AdaptersPanel, { now: now({ current: adapter(''), available: [] }) });
    expect(text()).toContain('no other adapter in the folder');
    expect([...document.querySelectorAll('form')]).toEqual([]);
  });
});
