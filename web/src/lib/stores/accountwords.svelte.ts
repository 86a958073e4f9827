/** The words of becoming a member, and of one's account. */
import { words as account } from '../words/account/en';
import { tags } from '../words/languages';
import { words as welcome } from '../words/welcome/en';
import { AreaWords } from './areawords.svelte';
import { words } from './words.svelte';

export const welcomeWords = new AreaWords('welcome', welcome);
export const accountWords = new AreaWords('account', account);

export const w = welcomeWords.t;
export const a = accountWords.t;
export type WelcomeKey = keyof typeof welcome;

const time = (at: number, options: Intl.DateTimeFormatOptions): string =>
  new Intl.DateTimeFormat(tags[words.code], options).format(at);

/** To the second: what is waited for is less than a minute away. */
export const clock = (at: number): string => time(at, { hour: 'numeric', minute: '2-digit', second: '2-digit' });

/** "27 Nov 2026". */
export const day = (iso: string): string => time(Date.parse(iso), { day: 'numeric', month: 'short', year: 'numeric' });
