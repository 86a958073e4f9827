/** Amounts and moments in the language of the page. */
import * as amounts from '../words/amounts';
import { tags } from '../words/languages';
import * as measures from '../words/measures';
import * as moments from '../words/moments';
import { words } from './words.svelte';

const tag = (): string => tags[words.code];
/** Where nothing is known. */
const NONE = '–';
const MICRO = 1e-6;

export const written = {
  money: (micros: number | bigint, currency: string): string => amounts.money(micros, currency, tag()),
  moneyRound: (micros: number, currency: string): string => measures.moneyRound(micros, currency, tag()),
  energy: (joules: number | null): string => (joules === null ? NONE : amounts.energy(joules, tag())),
  microEnergy: (microjoules: number | null): string => (microjoules === null ? NONE : amounts.energy(microjoules * MICRO, tag())),
  power: (watts: number): string => measures.power(watts, tag()),
  duration: (ms: number | null): string => (ms === null ? NONE : measures.duration(ms, tag())),
  percent: (part: number): string => amounts.percent(part, tag()),
  share: (part: number): string => measures.share(part, tag()),
  /** Three digits that count. */
  figure: (value: number): string => amounts.three(value, tag()),
  count: (value: number): string => measures.count(value, tag()),
  number: (value: number): string => words.number(value),
  clock: (at: number): string => moments.clock(at, tag()),
  moment: (at: number): string => moments.moment(at, tag()),
  weekMoment: (at: number): string => moments.weekMoment(at, tag()),
  exact: (at: number): string => moments.exact(at, tag()),
  day: (text: string): string => moments.day(text, tag()),
  shortDay: (at: number, zone: string): string => moments.shortDay(at, tag(), zone),
};
