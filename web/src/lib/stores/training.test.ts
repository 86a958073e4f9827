import { beforeEach, describe, expect, it } from 'vitest';
import { FakeSite } from '../../../tests/fakesite';
import { adapters, runs, RunStore } from './training.svelte';

const adapter = (name: string): object => ({ name, model: name, title: name.toUpperCase(), failed: {} });
const now = (candidate: string | null, percent = 0): object => ({
  current: adapter('base'),
  candidate: candidate === null ? null : adapter(candidate),
  percent,
  retiring: [],
  past: [],
  available: ['mini'],
});
const tried = (passed: boolean): object => ({
  passed,
  smoke: [{ prompt: 'What is 57 + 87?', answer: '143', passed, missing: ['144'] }],
  adapters: now(passed ? 'mini' : null),
});
let world: FakeSite;

beforeEach(() => {
  world = new FakeSite();
});

describe('runs', () => {
  it('show the one that was written last, until another is chosen, and again when that is gone', async () => {
    const told = (...names: string[]): void =>
      world.on('GET /api/operator/training', { status: 200, body: { folders: [], items: names.map((name) => ({ name })) } });
    told();
    await runs.refresh();
    expect(runs.shown).toBeNull();
    told('new', 'old');
    await runs.refresh();
    expect(runs.shown).toBe('new');
    runs.choose('old');
    expect(runs.shown).toBe('old');
    told('new');
    await runs.refresh();
    expect(runs.shown).toBe('new');
  });

  it('are asked for by names as they are', async () => {
    world.on('GET /api/operator/training/odd%20one', { status: 200, body: { stages: [] } });
    const run = new RunStore('odd one');
    await run.refresh();
    expect(run.value).toEqual({ stages: [] });
  });
});

describe('adapters', () => {
  beforeEach(() => {
    world.on('GET /api/operator/adapters', { status: 200, body: now(null) });
    adapters.failed = null;
  });

  it('that pass are on trial, get a share, and take the place of the one before', async () => {
    world.on('POST /api/operator/adapters/candidate', { status: 200, body: tried(true) });
    expect(await adapters.load('mini', [{ prompt: 'What is 57 + 87?', contains: ['144'] }])).toBeNull();
    expect(adapters.failed).toBeNull();
    expect(adapters.loading).toBeNull();
    expect(world.asked.find(({ method }) => method === 'POST')?.body).toEqual({ name: 'mini', smoke: [{ prompt: 'What is 57 + 87?', contains: ['144'] }] });
    world.on('POST /api/operator/adapters/share', (body) => ({ status: 200, body: now('mini', (body as { percent: number }).percent) }));
    expect(await adapters.share(20)).toBeNull();
    world.on('POST /api/operator/adapters/complete', { status: 200, body: now(null) });
    world.on('POST /api/operator/adapters/rollback', { status: 200, body: now(null) });
    expect(await adapters.complete()).toBeNull();
    expect(await adapters.rollBack()).toBeNull();
    expect(world.paths('POST').map((path) => path.split('/').at(-1))).toEqual(['candidate', 'share', 'complete', 'rollback']);
  });

  it('that do not pass are told with what they answered', async () => {
    world.on('POST /api/operator/adapters/candidate', { status: 200, body: tried(false) });
    expect(await adapters.load('mini', [])).toBeNull();
    expect(adapters.failed).toEqual({ name: 'mini', answer: '143' });
  });

  it('that the site refuses are told in its words, and nothing is loading then', async () => {
    const message = 'Another adapter is on trial.';
    world.on('POST /api/operator/adapters/candidate', { status: 400, body: { error: { code: 'bad_request', message } } });
    expect(await adapters.load('mini', [])).toBe(message);
    expect(adapters.loading).toBeNull();
  });
});
