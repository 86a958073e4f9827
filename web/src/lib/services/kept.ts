/** What this device keeps: choices for good, drafts for the tab's life. A blocked storage keeps nothing. */
const PREFIX = 'thinkwell.';
/** The choice that says for whom (their mark) this device keeps conversations, if it does; see offline.ts. */
export const KEPT_FOR = 'kept-for';
/** On what this device answers in the site's place. */
export const KEPT_HEADER = 'x-kept-here';

function attempt<T>(action: () => T, otherwise: T): T {
  try {
    return action();
  } catch {
    return otherwise; // storage is blocked or full; nothing of the page depends on it
  }
}

function keeper(storage: () => Storage) {
  return {
    read: (name: string): string | null => attempt(() => storage().getItem(PREFIX + name), null),
    write: (name: string, value: string): void =>
      attempt(() => {
        if (value === '') storage().removeItem(PREFIX + name);
        else storage().setItem(PREFIX + name, value);
      }, undefined),
  };
}

export const choices = keeper(() => localStorage);
export const drafts = keeper(() => sessionStorage);
