import { afterEach, describe, expect, it } from 'vitest';
import type { Site } from '../services/wire';
import { effort } from './effort.svelte';
import { site } from './site.svelte';

const about = (efforts: string[], budgets: number[]): void => {
  site.about = { model: { efforts, budgets } } as unknown as Site;
};

afterEach(() => {
  site.about = null;
  effort.choose('');
});

describe('how much is to be thought', () => {
  it('is an effort, or tokens, or as the site does', () => {
    about(['none', 'low', 'max'], [256, 1024]);
    expect(effort.asked).toEqual({});
    effort.choose('low');
    expect([effort.asked, effort.chosen, effort.budget]).toEqual([{ effort: 'low' }, 'low', null]);
    effort.choose('1024');
    expect([effort.asked, effort.chosen, effort.budget]).toEqual([{ budget: 1024 }, null, 1024]);
    expect(localStorage.getItem('thinkwell.effort')).toBe('1024');
    effort.choose('');
    expect([effort.asked, localStorage.getItem('thinkwell.effort')]).toEqual([{}, null]);
  });

  it('rests where it is not offered, until it is', () => {
    about(['low'], [256, 700]);
    effort.choose('1024');
    expect(effort.asked).toEqual({});
    about(['low'], [256, 1024]);
    expect(effort.asked).toEqual({ budget: 1024 });
  });

  it.each(['-5', '1e3', '0', '12345678', 'constructor', '<b>'])('is not "%s"', (typed) => {
    about(['low'], [256]);
    effort.choose(typed);
    expect([effort.asked, localStorage.getItem('thinkwell.effort')]).toEqual([{}, null]);
  });

  it('is named by a sign that all languages have', () => {
    expect(effort.budgetInWords(1024)).toBe('≤\u00a01,024 tokens');
  });
});
