/** One's account: what the site knows of it, and what may be done with it. */
import * as api from '../services/account';
import { ApiError } from '../services/api';
import { addPasskey as add, lackOfPasskeys } from '../services/passkeys';
import { faultOf, type Fault } from './accountfaults';
import { a } from './accountwords.svelte';
import { chat } from './chat.svelte';
import { conversations } from './conversations.svelte';
import { me } from './me.svelte';

export type { Amount, Cap, Erased, Passkey, Quota, Retention, Session } from '../services/account';

/** A session that was ended elsewhere: nothing of its member may stay on this page. */
function noticeEnd(error: unknown): void {
  if (me.member && error instanceof ApiError && error.code === 'not_signed_in') void me.load();
}

/** Something of the site's: as it was read last, or why it could not be read. */
export class Loaded<T> {
  value = $state.raw<T | null>(null);
  failure = $state.raw<unknown>(null);
  readonly #read: () => Promise<T>;

  constructor(read: () => Promise<T>) {
    this.#read = read;
  }

  async load(): Promise<void> {
    try {
      this.value = await this.#read();
      this.failure = null;
    } catch (error) {
      this.failure = error;
      noticeEnd(error);
    }
  }
}

export const sessions = new Loaded(api.sessions);
export const passkeys = new Loaded(api.passkeys);
export const organisation = new Loaded(api.organisation);
export const quota = new Loaded(api.quota);
export const retention = new Loaded(api.retention);
export const training = new Loaded(api.training);

/** Null when it was done. */
export async function attempt(action: () => Promise<unknown>): Promise<Fault | null> {
  try {
    await action();
    return null;
  } catch (error) {
    noticeEnd(error);
    return faultOf(error);
  }
}

/** What is refused with a conflict there is to take away the last way to sign in. */
export const lastWay = (fault: Fault | null): Fault | null =>
  fault?.code === 'conflict' ? { ...fault, text: a('lastWay') } : fault;

export const exportPath = api.EXPORT_PATH;
export const linkPath = (): string => api.organisationPath(true, null);
export const lack = lackOfPasskeys;

export const signOut = (): Promise<Fault | null> =>
  attempt(async () => {
    await api.signOut();
    me.left('/');
  });

export const rename = (name: string): Promise<Fault | null> => attempt(async () => me.changed(await api.rename(name)));

/** All other sessions end with it. */
export const changePassword = (password: string, current: string | null): Promise<Fault | null> =>
  attempt(async () => {
    await api.changePassword(password, current);
    if (me.who !== null) me.changed({ ...me.who, has_password: true });
    await sessions.load();
  });

export const endSession = (id: string): Promise<Fault | null> =>
  attempt(async () => {
    await api.endSession(id);
    await sessions.load();
  });

export const endOtherSessions = (): Promise<Fault | null> =>
  attempt(async () => {
    await api.endOtherSessions();
    await sessions.load();
  });

export const addPasskey = (called: string): Promise<Fault | null> =>
  attempt(async () => {
    await add(called);
    await passkeys.load();
  });

export const removePasskey = (id: string): Promise<Fault | null> =>
  attempt(async () => {
    await api.removePasskey(id);
    await passkeys.load();
  });

export const unlinkOrganisation = (): Promise<Fault | null> =>
  attempt(async () => {
    await api.unlinkOrganisation();
    await organisation.load();
  });

export const setCap = (cap: api.Cap): Promise<Fault | null> =>
  attempt(async () => {
    quota.value = await api.setCap(cap);
  });

/** Where it fails it is read anew: the site may have stored what it could not answer. */
export async function allowTraining(allowed: boolean): Promise<Fault | null> {
  const fault = await attempt(async () => {
    training.value = await api.setTraining(allowed);
  });
  if (fault !== null) await training.load();
  return fault;
}

class Erasing {
  /** What was erased; the page has nothing else to show from then on. */
  done = $state.raw<api.Erased[] | null>(null);

  async erase(password: string | null): Promise<Fault | null> {
    const fault = await attempt(async () => {
      this.done = await api.erase(password);
      me.gone();
      chat.startNew();
      conversations.forget();
    });
    return fault?.code === 'conflict' ? { ...fault, text: a('erased.lastOperator') } : fault;
  }

  /** As a visitor who was never here. */
  beginAnew(path = '/'): void {
    me.left(path);
  }
}

export const erasing = new Erasing();
