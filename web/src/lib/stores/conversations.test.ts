import { beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeSite } from '../../../tests/fakesite';
import { conversations } from './conversations.svelte';

const summary = (id: string, at = '2026-11-27T10:00:00Z') => ({ id, title: id, updated_at: at, running_turn_id: null, pinned: false, folder_id: null });
const shelf = (...ids: string[]) => ({ status: 200, body: { pinned: [], folders: [], items: ids.map((id) => summary(id)), next: null } });
const ids = (): string[] => conversations.items.map(({ id }) => id);

describe('the list of conversations', () => {
  let site: FakeSite;

  beforeEach(() => {
    vi.useRealTimers();
    site = new FakeSite();
    conversations.forget();
  });

  it('knows for a while what was deleted, and brings it back', async () => {
    vi.useFakeTimers();
    site.on('GET /api/shelf', shelf('b'));
    site.on('DELETE /api/conversations/a', { status: 200, body: { restore_s: 60 } });
    site.on('POST /api/conversations/a/restore', { status: 200, body: summary('a') });
    expect(await conversations.remove('a', 'A')).toBe(60);
    expect(conversations.deleted).toEqual([{ id: 'a', title: 'A' }]);
    site.on('GET /api/shelf', shelf('a', 'b'));
    expect(await conversations.restore('a')).toBe(true);
    expect([ids(), conversations.deleted]).toEqual([['a', 'b'], []]);
    await conversations.remove('a', 'A');
    await vi.advanceTimersByTimeAsync(58_000);
    expect(conversations.deleted).toEqual([]);
  });

  it('says when the time to bring it back is over', async () => {
    site.on('GET /api/shelf', shelf());
    site.on('POST /api/conversations/a/restore', { status: 404, body: { error: { code: 'not_found', message: 'No.' } } });
    expect(await conversations.restore('a')).toBe(false);
  });

  it('takes what is gone already for deleted, and offers nothing', async () => {
    site.on('GET /api/shelf', shelf());
    site.on('DELETE /api/conversations/a', { status: 404, body: { error: { code: 'not_found', message: 'No.' } } });
    expect(await conversations.remove('a', 'A')).toBe(0);
    expect(conversations.deleted).toEqual([]);
  });

  it('reads what is in a folder that is open, and again with the rest', async () => {
    const folder = { id: 'f', name: 'Garden', count: 1 };
    site.on('GET /api/shelf', { status: 200, body: { pinned: [], folders: [folder], items: [], next: null } });
    site.on('GET /api/conversations?folder=f', { status: 200, body: { items: [summary('a')], next: null } });
    await conversations.refresh();
    await conversations.open('f');
    expect(conversations.inside.get('f')?.items.map(({ id }) => id)).toEqual(['a']);
    expect(conversations.titleOf('a')).toBe('a');
    site.on('GET /api/shelf', shelf());
    await conversations.refresh();
    expect(conversations.inside.size).toBe(0);
  });
});
