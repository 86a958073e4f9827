import { describe, expect, it } from 'vitest';
import { readAgent } from './agent';
import { dayOf, endOfDay, microsOf, namesOf, typedMicros, wholeOf } from './typed';

describe('what is typed', () => {
  it.each([
    ['', null],
    ['12 000', 12_000],
    ['0', 0],
    ['1.5', undefined],
    ['-1', undefined],
    ['1e3', undefined],
    ['99999999999999999999', undefined],
  ])('as a whole number, %j, is %s', (text, expected) => {
    expect(wholeOf(text)).toBe(expected);
  });

  it.each([
    ['', null],
    ['2.5', 2_500_000],
    ['2,50', 2_500_000],
    ['1 000', 1_000_000_000],
    ['.000001', 1],
    ['0.0000001', undefined],
    ['1.2.3', undefined],
    ['.', undefined],
    ['€5', undefined],
  ])('as an amount of money, %j, is %s millionths', (text, expected) => {
    expect(microsOf(text)).toBe(expected);
  });

  it('as money is written again as it was typed', () => {
    expect([null, 0, 1, 2_500_000, 1_000_000_000].map(typedMicros)).toEqual(['', '0', '0.000001', '2.5', '1000']);
  });

  it('as models is a list without doubles, or no bound', () => {
    expect(namesOf(' a, b b,c ')).toEqual(['a', 'b', 'c']);
    expect(namesOf(' , ')).toBeNull();
  });

  it('as a day ends with that day, here', () => {
    const end = endOfDay('2026-11-30');
    expect(end === null ? '' : dayOf(new Date(end))).toBe('2026-11-30');
    expect(endOfDay('')).toBeNull();
  });
});

describe('a browser', () => {
  it.each([
    ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/140.0 Safari/537.36', 'Chrome', 'Linux'],
    ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0', 'Edge', 'Windows'],
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox', 'macOS'],
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1', 'Safari', 'iPhone'],
    ['Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36', 'Chrome', 'Android'],
    ['curl/8.5.0', 'curl', ''],
    ['', '', ''],
  ])('that says %j is called so', (agent, browser, system) => {
    expect(readAgent(agent)).toEqual({ browser, system });
  });
});
