import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeSite } from '../../../tests/fakesite';
import { training } from '../stores/account.svelte';
import { me, type Me } from '../stores/me.svelte';
import TrainingPanel from './account/TrainingPanel.svelte';

const PATH = '/api/me/training';
const NO = { allowed: false, since: null };
const YES = { allowed: true, since: '2026-11-21T10:00:00Z' };
const visitor = { mark: 'm', kind: 'visitor', name: null, role: 'member', tier: 'visitor', named: false, has_password: false, methods: [], sign_up: 'open' } as Me;
const member: Me = { ...visitor, kind: 'member', name: 'ada' };

let site: FakeSite;
let shown: Record<string, unknown> | undefined;

beforeEach(() => {
  site = new FakeSite();
  training.value = training.failure = null;
});

afterEach(() => {
  if (shown) void unmount(shown);
  shown = undefined;
  me.who = null;
  vi.unstubAllGlobals();
});

const text = (): string => (document.body.textContent ?? '').replace(/\s+/g, ' ');
const button = (): HTMLInputElement => document.querySelector<HTMLInputElement>('input[role=switch]')!;

function show(who: Me): void {
  me.who = who;
  document.body.replaceChildren();
  shown = mount(TrainingPanel, { target: document.body });
  flushSync();
}

async function showRead(who: Me, said: object): Promise<void> {
  site.on(`GET ${PATH}`, { status: 200, body: said });
  show(who);
  await vi.waitFor(() => expect(button()).not.toBeNull());
}

describe('whether conversations may train models', () => {
  it('is no until it is said, and says what yes would mean', async () => {
    await showRead(member, NO);
    expect([button().checked, button().disabled]).toEqual([false, false]);
    expect(text()).toContain('nothing of yours is used for training');
    const about = document.getElementById(button().getAttribute('aria-describedby') ?? '')?.textContent;
    expect(about).toMatch(/not temporary.*IBANs.*names are not\..*next export.*cannot be taken out/);
    expect(text()).not.toContain('as a visitor');
  });

  it('is stored when it is said, with its day, and taken back the same way', async () => {
    await showRead(member, NO);
    site.on(`PUT ${PATH}`, { status: 200, body: YES });
    button().click();
    await vi.waitFor(() => expect(text()).toMatch(/Allowed since .*21.*2026\./));
    expect(button().checked).toBe(true);
    site.on(`PUT ${PATH}`, { status: 200, body: NO });
    button().click();
    await vi.waitFor(() => expect(button().checked).toBe(false));
    expect(site.asked.filter(({ method }) => method === 'PUT').map(({ body }) => body)).toEqual([{ allowed: true }, { allowed: false }]);
  });

  it('stays what the site knows where saying it fails, and says why', async () => {
    await showRead(member, NO);
    site.on(`PUT ${PATH}`, { status: 500, body: { error: { code: 'internal', message: 'Something broke.' } } });
    button().click();
    await vi.waitFor(() => expect(document.querySelector('[role=alert]')).not.toBeNull());
    expect(button().checked).toBe(false);
  });

  it('is shown as it was stored where only the answer was lost', async () => {
    await showRead(member, NO);
    site.on(`PUT ${PATH}`, () => {
      site.on(`GET ${PATH}`, { status: 200, body: YES });
      throw new TypeError('network');
    });
    button().click();
    await vi.waitFor(() => expect(button().checked).toBe(true));
    expect(text()).toContain('cannot be reached');
  });

  it('that cannot be read is no switch, and can be read again', async () => {
    show(member);
    await vi.waitFor(() => expect(document.querySelector('[role=alert]')).not.toBeNull());
    expect(button()).toBeNull();
    site.on(`GET ${PATH}`, { status: 200, body: YES });
    document.querySelector('button')?.click();
    await vi.waitFor(() => expect(button().checked).toBe(true));
  });

  it('of a visitor says that a sign-up asks anew', async () => {
    await showRead(visitor, YES);
    expect(button().checked).toBe(true);
    expect(text()).toContain('If you become a member it is off again');
  });

  it('of somebody whom the site does not know is off and not asked for', () => {
    show({ ...visitor, mark: null });
    expect([button().checked, button().disabled]).toEqual([false, true]);
    expect(text()).toContain('does not know this browser');
    expect(site.asked).toEqual([]);
  });
});
