import { describe, expect, it } from 'vitest';
import { energy, money, percent } from './amounts';
import { count, duration, moneyRound, power } from './measures';

const plain = (text: string): string => text.replace(/[\u00a0\u202f]/g, ' ');

describe('money', () => {
  it.each([
    [0, '€0.00'],
    [15, '€0.000015'],
    [1500, '€0.0015'],
    [1_200_000, '€1.20'],
    [-20, '-€0.00002'],
    [12_345_678_901, '€12,345.678901'],
    [9_007_199_254_740_991, '€9,007,199,254.740991'],
    [10n ** 24n + 1n, '€1,000,000,000,000,000,000.000001'],
  ])('of %s millionths has every digit', (micros, expected) => {
    expect(money(micros, 'EUR', 'en')).toBe(expected);
  });

  it('is written as each language does', () => {
    expect(['en', 'fr', 'uk', 'zh-Hans'].map((tag) => plain(money(1_234_500_015, 'EUR', tag)))).toEqual([
      '€1,234.500015',
      '1 234,500015 €',
      '1 234,500015 EUR',
      '€1,234.500015',
    ]);
    expect(money(1_000_000, 'JPY', 'en')).toBe('¥1');
    expect(money(1, 'JPY', 'en')).toBe('¥0.000001');
  });

  it('may be in a currency of the operator\'s own', () => {
    expect(plain(money(2_500_000, 'BEANS', 'en'))).toBe('2.5 BEANS');
  });

  it('is rounded for a plot, to what can be told apart', () => {
    expect([0, 15, 1234, 1_239_000, 123_456_789].map((micros) => moneyRound(micros, 'EUR', 'en'))).toEqual([
      '€0',
      '€0.000015',
      '€0.00123',
      '€1.24',
      '€123.46',
    ]);
  });
});

describe('energy and power', () => {
  it('are in watt-hours, with no more digits than are known', () => {
    expect([0, 28, 3600, 12_345, 45_000_000, 7.2e9].map((joules) => plain(energy(joules, 'en')))).toEqual([
      '0 Wh',
      '7.78 mWh',
      '1 Wh',
      '3.43 Wh',
      '12.5 kWh',
      '2 MWh',
    ]);
    expect(['fr', 'uk', 'zh-Hans'].map((tag) => plain(energy(5400, tag)))).toEqual(['1,5 Wh', '1,5 Вт·год', '1.5 瓦时']);
    expect(plain(power(28, 'en'))).toBe('28 W');
    expect(plain(power(1432, 'uk'))).toBe('1,43 кВт');
  });
});

describe('a time', () => {
  it.each([
    [0, '0 ms'],
    [340, '340 ms'],
    [1240, '1.2 sec'],
    [9960, '10 sec'],
    [59_700, '1 min'],
    [125_000, '2 min 5 sec'],
    [11_040_000, '3 hr 4 min'],
    [200_000_000, '2 days 7 hr'],
  ])('of %s ms is short', (ms, expected) => {
    expect(plain(duration(ms, 'en'))).toBe(expected);
  });
});

it('shares and counts are short', () => {
  expect([0, 0.004, 0.42, 1].map((part) => percent(part, 'en'))).toEqual(['0%', '0.4%', '42%', '100%']);
  expect([0, 12.34, 123_456, 1_234_567].map((value) => count(value, 'en'))).toEqual(['0', '12.3', '123,456', '1.23M']);
});
