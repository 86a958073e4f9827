import { beforeEach, describe, expect, it } from 'vitest';
import { FakeSite } from '../../../tests/fakesite';
import { receipts } from './receipts.svelte';
import { site } from './site.svelte';

const zone = encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone);
const line = (turn_id: string): object => ({ turn_id, asked_at: '2026-11-27T10:00:00Z', refunded: 0, receipt: { turn_id, model: 'm' } });
const summary = (by: string): object => ({ by, zone: 'UTC', currency: 'CHF', total: { turns: 3 }, items: [], more: false });
let world: FakeSite;

beforeEach(async () => {
  world = new FakeSite();
  world.on('GET /api/site', { status: 200, body: { name: 'Well' } });
  world.on(`GET /api/receipts?zone=${zone}`, { status: 200, body: { items: [line('turn_3'), line('turn_2')], next: '2-turn_2' } });
  world.on(`GET /api/receipts?zone=${zone}&before=2-turn_2`, { status: 200, body: { items: [line('turn_1')], next: null } });
  world.on(`GET /api/receipts/summary?zone=${zone}&by=day`, { status: 200, body: summary('day') });
  await site.load();
  receipts.by = 'day';
  await receipts.widen();
});

const ids = (): string[] => (receipts.lines ?? []).map((one) => one.turn_id);

describe('receipts', () => {
  it('grow by a page at a time, until there are no more', async () => {
    expect(ids()).toEqual(['turn_3', 'turn_2']);
    await receipts.more();
    expect([ids(), receipts.next]).toEqual([['turn_3', 'turn_2', 'turn_1'], null]);
    const asked = world.asked.length;
    await receipts.more();
    expect(world.asked.length).toBe(asked);
  });

  it('are narrowed to a group, and the files with them', async () => {
    world.on(`GET /api/receipts?from=2026-11-27&to=2026-11-27&zone=${zone}`, { status: 200, body: { items: [line('turn_3')], next: null } });
    world.on(`GET /api/receipts/summary?from=2026-11-27&to=2026-11-27&zone=${zone}&by=day`, { status: 200, body: summary('day') });
    await receipts.narrow('2026-11-27', 'today');
    expect([ids(), receipts.narrowed]).toEqual([['turn_3'], 'today']);
    expect(receipts.file('csv')).toBe(`/api/receipts.csv?from=2026-11-27&to=2026-11-27&zone=${zone}`);
    await receipts.widen();
    expect([ids().length, receipts.narrowed]).toEqual([2, null]);
  });

  it('stay as they are where the site refuses, and the reason is said', async () => {
    world.on(`GET /api/receipts?from=x&zone=${zone}`, { status: 400, body: { error: { code: 'bad_request', message: 'from: that is no day.' } } });
    await receipts.between('x', '');
    expect(ids()).toEqual(['turn_3', 'turn_2']);
    expect(receipts.problem).not.toBeNull();
    await receipts.widen();
    expect(receipts.problem).toBeNull();
  });

  it('of an address are found also outside of the list, and not where they are not one\'s own', async () => {
    world.on('GET /api/turns/turn_0/receipt', { status: 200, body: { turn_id: 'turn_0' } });
    world.on('GET /api/turns/turn_x/receipt', { status: 404, body: { error: { code: 'not_found', message: 'No.' } } });
    expect((await receipts.one('turn_2'))?.turn_id).toBe('turn_2');
    expect((await receipts.one('turn_0'))?.turn_id).toBe('turn_0');
    expect(await receipts.one('turn_x')).toBeNull();
    await expect(receipts.one('turn_y')).rejects.toThrow('cannot be reached');
  });
});
