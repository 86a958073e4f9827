/** The languages of the page: their own names and direction. */
export type Language = { name: string; dir: 'ltr' | 'rtl' };

export const languages = {
  en: { name: 'English', dir: 'ltr' },
  ar: { name: 'العربية', dir: 'rtl' },
  de: { name: 'Deutsch', dir: 'ltr' },
  es: { name: 'Español', dir: 'ltr' },
  fr: { name: 'Français', dir: 'ltr' },
  hi: { name: 'हिन्दी', dir: 'ltr' },
  it: { name: 'Italiano', dir: 'ltr' },
  ja: { name: '日本語', dir: 'ltr' },
  pl: { name: 'Polski', dir: 'ltr' },
  pt: { name: 'Português', dir: 'ltr' },
  uk: { name: 'Українська', dir: 'ltr' },
  zh: { name: '简体中文', dir: 'ltr' },
} as const satisfies Record<string, Language>;

export type Code = keyof typeof languages;

/** As BCP 47 wants it on <html lang> and in Intl. */
export const tags = Object.fromEntries(Object.keys(languages).map((code) => [code, code === 'zh' ? 'zh-Hans' : code])) as Record<Code, string>;

export const isCode = (text: string | null): text is Code => text !== null && Object.hasOwn(languages, text);

/** Those that the site offers, as it wrote them on the page; all where it wrote none. */
export function offeredBy(written: string | undefined): Code[] {
  const codes = (written ?? '').split(' ').filter(isCode);
  return codes.length > 0 ? codes : Object.keys(languages).filter(isCode);
}

/** The first of a reader's languages that there are words for, among those that the site offers. */
export function bestOf(wanted: readonly string[], offered: readonly Code[] = Object.keys(languages).filter(isCode)): Code {
  for (const tag of wanted) {
    const base = tag.toLowerCase().split('-')[0] ?? '';
    if (isCode(base) && offered.includes(base)) return base;
  }
  return offered[0] ?? 'en';
}
