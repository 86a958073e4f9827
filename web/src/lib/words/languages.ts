/** The languages of the page: their own names, direction, and where their words are. */
import { en } from './en';
import type { Dictionary } from './entry';

export type Language = { name: string; dir: 'ltr' | 'rtl'; load: () => Promise<Dictionary> };

export const languages = {
  en: { name: 'English', dir: 'ltr', load: async () => en },
  fr: { name: 'Français', dir: 'ltr', load: async () => (await import('./fr')).words },
  uk: { name: 'Українська', dir: 'ltr', load: async () => (await import('./uk')).words },
  zh: { name: '简体中文', dir: 'ltr', load: async () => (await import('./zh')).words },
} as const satisfies Record<string, Language>;

export type Code = keyof typeof languages;

/** As BCP 47 wants it on <html lang> and in Intl. */
export const tags: Record<Code, string> = { en: 'en', fr: 'fr', uk: 'uk', zh: 'zh-Hans' };

export const isCode = (text: string | null): text is Code => text !== null && Object.hasOwn(languages, text);

/** The first of a reader's languages that there are words for. */
export function bestOf(wanted: readonly string[]): Code {
  for (const tag of wanted) {
    const base = tag.toLowerCase().split('-')[0] ?? '';
    if (isCode(base)) return base;
  }
  return 'en';
}
