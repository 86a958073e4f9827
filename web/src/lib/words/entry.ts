/** A string, or its forms by the plural rules of its language; `{count}` decides. */
export type Plural = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };
export type Entry = string | Plural;

export type Key = keyof typeof import('./main/en').words;
export type Dictionary = Record<Key, Entry>;
