import { beforeEach, describe, expect, it } from 'vitest';
import { FakeSite } from '../../../tests/fakesite';
import { live, settings } from './operator.svelte';
import { keptOut, links, members } from './operatorpeople.svelte';

const samples = (at: number[]): object => ({
  every_s: 2,
  at,
  all: { running: at, waiting: at, people_running: at, people_waiting: at },
  tiers: {},
  slots: at,
  load: at,
});
const now = (at: number[]): object => ({ at: 1, engines: [{ name: 'one', draining: false }], samples: samples(at) });
const member = (id: string, role = 'member'): object => ({ id, name: id, role, tier: 'member' });
let world: FakeSite;

beforeEach(() => {
  world = new FakeSite();
});

describe('the site now', () => {
  it('is asked for what is new only, and keeps what it knows', async () => {
    world.on('GET /api/operator/now', { status: 200, body: now([10, 20]) });
    world.on('GET /api/operator/now?since=20', { status: 200, body: now([30]) });
    await live.refresh();
    await live.refresh();
    expect(live.value?.samples.at).toEqual([10, 20, 30]);
    expect(live.value?.samples.all.waiting).toEqual([10, 20, 30]);
  });

  it('shows an engine as it was drained, and says why where it was not', async () => {
    const [engine] = live.value?.engines ?? [];
    if (!engine) throw new Error('no engine');
    world.on('POST /api/operator/engines/one/drain', (body) => ({ status: 200, body: { name: 'one', draining: (body as { on: boolean }).on } }));
    expect(await live.drain(engine, true)).toBeNull();
    expect(live.value?.engines[0]?.draining).toBe(true);
    world.answers.clear();
    expect(await live.drain(engine, false)).not.toBeNull();
    expect(live.value?.engines[0]?.draining).toBe(true);
  });
});

describe('people', () => {
  it('are found by name, and changed in the list', async () => {
    world.on('GET /api/operator/members?name=a+b', { status: 200, body: { items: [member('m1')], next: null } });
    members.name = ' a b ';
    await members.load();
    world.on('PATCH /api/operator/members/m1', { status: 200, body: member('m1', 'operator') });
    expect(await members.change('m1', { role: 'operator' })).toBeNull();
    expect(members.items?.[0]?.role).toBe('operator');
  });

  it('who are the last operator stay one, and it is said so', async () => {
    world.on('PATCH /api/operator/members/m1', { status: 409, body: { error: { code: 'conflict', message: 'x' } } });
    expect(await members.change('m1', { role: 'member' })).toBe('This is the last operator, and a site must have one.');
    expect(members.items?.[0]?.role).toBe('operator');
  });

  it('are given a link that is whole, also where the site does not know its own address', async () => {
    world.on('POST /api/operator/links', { status: 201, body: { kind: 'invite', address: '/welcome#invite=x', expires_at: '2026-12-01T00:00:00Z' } });
    expect(await links.make('invite', { tier: 'staff' })).toBeNull();
    expect(links.made?.address).toBe(`${location.origin}/welcome#invite=x`);
    expect(world.asked.at(-1)?.body).toEqual({ kind: 'invite', tier: 'staff' });
  });

  it('are kept out for a time or for good', async () => {
    const bodies: unknown[] = [];
    world.on('POST /api/operator/blocks', (body) => (bodies.push(body), { status: 201, body: {} }));
    world.on('GET /api/operator/blocked', { status: 200, body: { members: [], blocks: [], refused: [] } });
    await keptOut.block('visitor:a', 'so', null);
    await keptOut.block('visitor:a', 'so', 24);
    expect(bodies).toEqual([{ subject: 'visitor:a', why: 'so' }, { subject: 'visitor:a', why: 'so', hours: 24 }]);
  });
});

it('the tiers are those of the settings', async () => {
  const names = ['http.port', 'tiers.visitor.weight', 'tiers.visitor.free', 'tiers.staff.weight'];
  world.on('GET /api/operator/settings', { status: 200, body: { items: names.map((name) => ({ name, value: '', default: '', source: 'default', about: '' })) } });
  await settings.refresh();
  expect(settings.tiers).toEqual(['visitor', 'staff']);
});
