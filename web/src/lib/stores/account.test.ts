import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeSite } from '../../../tests/fakesite';
import { ApiError } from '../services/api';
import * as person from '../services/person';
import { attempt, endSession, erasing, lastWay, sessions, signOut } from './account.svelte';
import { faultOf, faultOfName, faultOfPassword } from './accountfaults';
import { readHash, ways } from './accountways.svelte';
import { conversations } from './conversations.svelte';
import { keys } from './keys.svelte';
import { me, type Me } from './me.svelte';

const visitor: Me = {
  ...{ mark: null, kind: 'visitor', name: null, role: 'member', tier: 'visitor', named: false, has_password: false },
  ...{ methods: ['password', 'passkey'], sign_up: 'open' },
};
const ada: Me = { ...visitor, kind: 'member', name: 'ada', tier: 'member', has_password: true };
const refused = (code: string, status: number, more: object = {}) => ({ status, body: { error: { code, message: 'No.', param: null, retry_after: null, ...more } } });

let site: FakeSite;
let begun: string[];

beforeEach(() => {
  site = new FakeSite();
  begun = [];
  vi.spyOn(person, 'begin').mockImplementation((path) => void begun.push(path));
  site.on('GET /api/me', { status: 200, body: visitor });
  me.who = null;
  sessionStorage.clear();
  localStorage.clear();
  history.replaceState(null, '', '/welcome');
});

afterEach(() => {
  ways.link = null;
  vi.unstubAllGlobals();
});

function keepSomething(): void {
  sessionStorage.setItem('thinkwell.draft.new', 'my secret');
  localStorage.setItem('thinkwell.folded', 'c1');
  localStorage.setItem('thinkwell.theme', 'dark');
  localStorage.setItem('another.app', 'stays');
}

const kept = (): string[] => [...Object.keys(sessionStorage), ...Object.keys(localStorage)].sort();

describe('who goes', () => {
  it('leaves nothing on the device but its own choices, and the page begins anew', async () => {
    keepSomething();
    site.on('POST /api/sign_out', { status: 200, body: visitor });
    expect(await signOut()).toBeNull();
    expect(kept()).toEqual(['another.app', 'thinkwell.theme']);
    expect(begun).toEqual(['/']);
  });

  it('stays as they are where the site cannot be reached', async () => {
    keepSomething();
    expect((await signOut())?.text).toMatch('cannot be reached');
    expect(kept()).toContain('thinkwell.draft.new');
    expect(begun).toEqual([]);
  });

  it('is noticed when the session ended elsewhere', async () => {
    keepSomething();
    site.on('GET /api/me', { status: 200, body: ada });
    await me.load();
    expect(me.member).toBe(true);
    site.on('GET /api/me', { status: 200, body: visitor });
    await me.load();
    expect(begun).toEqual(['/']);
    expect(kept()).toEqual(['another.app', 'thinkwell.theme']);
  });

  it('is noticed when the site no longer knows them at what they do', async () => {
    me.who = ada;
    site.on('DELETE /api/me/sessions/s1', refused('not_signed_in', 401));
    await endSession('s1');
    await vi.waitFor(() => expect(begun).toEqual(['/']));
  });

  it('by having everything erased sees what was erased, and nothing else', async () => {
    keepSomething();
    me.who = ada;
    conversations.items = [{ id: 'c1', title: 'My secret', updated_at: '2026-11-21T10:00:00Z', running_turn_id: null, pinned: false, folder_id: null }];
    site.on('DELETE /api/me', { status: 200, body: { erased: [{ kind: 'conversations', count: 1, digest: 'd' }] } });
    expect(await erasing.erase('pass word')).toBeNull();
    expect(site.asked.at(-1)?.body).toEqual({ confirm: 'erase', password: 'pass word' });
    expect(erasing.done).toEqual([{ kind: 'conversations', count: 1, digest: 'd' }]);
    expect([conversations.items, me.who]).toEqual([[], null]);
    expect(kept()).toEqual(['another.app', 'thinkwell.theme']);
    erasing.done = null;
  });
});

describe('who comes in', () => {
  it('with their history finds their draft again', async () => {
    keepSomething();
    site.on('POST /api/sign_in', { status: 200, body: ada });
    expect(await ways.signIn('ada', 'pass word', true)).toBeNull();
    expect(site.asked.at(-1)?.body).toEqual({ name: 'ada', password: 'pass word', take_history: true });
    expect(begun).toEqual(['/']);
    expect(kept()).toContain('thinkwell.draft.new');
  });

  it('without it finds nothing of who was here before', async () => {
    keepSomething();
    site.on('POST /api/sign_up', { status: 201, body: ada });
    expect(await ways.signUp('ada', 'pass word', false)).toBeNull();
    expect(kept()).toEqual(['another.app', 'thinkwell.theme']);
  });

  it('by a link of an operator takes it along, and is led to the operator\'s page', async () => {
    history.replaceState(null, '', '/welcome#operator=tok');
    ways.readAddress();
    expect(location.hash).toBe('');
    site.on('POST /api/sign_up', { status: 201, body: ada });
    await ways.signUp('ada', 'pass word', true);
    expect(site.asked.at(-1)?.body).toMatchObject({ invite: 'tok' });
    expect(ways.organisation(false)).toBe('/api/sign_in/organisation?take_history=false&invite=tok');
    expect(begun).toEqual(['/operator']);
  });
});

describe('an address', () => {
  it.each([
    ['#operator=abc', { link: { kind: 'operator', token: 'abc' }, failed: null }],
    ['#invite=a%2Bb', { link: { kind: 'invite', token: 'a+b' }, failed: null }],
    ['#password=x', { link: { kind: 'password', token: 'x' }, failed: null }],
    ['#failed=conflict', { link: null, failed: 'conflict' }],
    ['#invite=', { link: null, failed: null }],
    ['', { link: null, failed: null }],
  ])('%j brings that', (hash, expected) => {
    expect(readHash(hash)).toEqual(expected);
  });
});

describe('a fault', () => {
  it('stands beside the field that it is about', async () => {
    site.on('POST /api/sign_up', refused('name_taken', 409));
    expect(await ways.signUp('ada', 'pass word', true)).toMatchObject({ field: 'name', text: 'Somebody already has that name. Choose another.' });
    site.on('POST /api/sign_up', refused('bad_request', 400, { param: 'name' }));
    expect((await ways.signUp('аda', 'pass word', true))?.field).toBe('name');
    expect(ways.busy).toBe(false);
  });

  it('says when it is over', () => {
    const fault = faultOf(new ApiError('too_many_tries', 'No.', 429, 31.2));
    expect(fault?.text).toMatch(/^Too many tries have failed.* Try again in 32 s, at \d+:\d\d:\d\d/);
  });

  it('of a device is told in words, and not at all when it was called off by the page', () => {
    expect(faultOf(new DOMException('', 'NotAllowedError'))?.text).toMatch('called off');
    expect(faultOf(new DOMException('', 'AbortError'))).toBeNull();
  });

  it('of a kept out person is the operator\'s own reason', () => {
    expect(faultOf(new ApiError('blocked', 'Spam, sorry.', 403))?.text).toBe('Spam, sorry.');
  });

  it('that would take the last way in away says so', async () => {
    site.on('DELETE /api/me/sessions/s1', refused('conflict', 409));
    expect(lastWay(await endSession('s1'))?.text).toMatch('only way to sign in');
    expect(lastWay(await attempt(() => Promise.reject(new ApiError('error', 'No.', 500))))?.text).toBe('No.');
  });

  it.each([
    ['ab', 'name'],
    ['a'.repeat(65), 'name'],
    ['-ada', 'name'],
    ['ada lovelace', 'name'],
    ['ada@example.org', undefined],
    ['Зоя', undefined],
  ])('of the name %j is found before the site is asked', (name, field) => {
    expect(faultOfName(name)?.field).toBe(field);
  });

  it.each([
    ['short', 'password'],
    ['ADA-lovelace', 'password'],
    ['é'.repeat(513), 'password'],
    ['a quiet sentence', undefined],
  ])('of the password %j is found before the site is asked', (password, field) => {
    expect(faultOfPassword(password, 'ada-lovelace')?.field).toBe(field);
  });
});

describe('keys and sessions', () => {
  it('of a new key there is its text until it is put away', async () => {
    const item = { id: 'k1', name: 'Job', hint: 'abcd', doors: null, models: null, revoked_at: null };
    site.on('POST /api/keys', { status: 201, body: { key: 'tw_secret', item } });
    site.on('GET /api/keys', { status: 200, body: { items: [item, { ...item, id: 'k0', revoked_at: '2026-11-21T10:00:00Z' }], currency: 'EUR', most: 50 } });
    const bounds = { name: 'Job', doors: null, models: null, budget_money: null, budget_tokens: null, expires_at: null };
    expect(await keys.create(bounds)).toBeNull();
    expect(keys.made).toEqual({ key: 'tw_secret', name: 'Job' });
    expect([keys.live.map((key) => key.id), keys.revoked.map((key) => key.id)]).toEqual([['k1'], ['k0']]);
  });

  it('what could not be read says why, and can be read again', async () => {
    await sessions.load();
    expect(sessions.failure).toBeInstanceOf(ApiError);
    site.on('GET /api/me/sessions', { status: 200, body: { items: [] } });
    await sessions.load();
    expect([sessions.value, sessions.failure]).toEqual([[], null]);
  });
});
