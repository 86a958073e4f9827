import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { announcer } from './announcer.svelte';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.runAllTimers();
  vi.useRealTimers();
});

it('lets each word stand long enough to be heard, in order', () => {
  announcer.say('Thinking');
  announcer.say('Answering');
  announcer.say('Answer finished');
  const heard = [announcer.aloud];
  for (const _ of [1, 2]) {
    vi.advanceTimersToNextTimer();
    heard.push(announcer.aloud);
  }
  expect(heard).toEqual(['Thinking', 'Answering', 'Answer finished']);
});

it('says the same twice as two', () => {
  announcer.say('Copied');
  vi.runAllTimers();
  const first = announcer.aloud;
  announcer.say('Copied');
  expect(announcer.aloud).not.toBe(first);
  expect(announcer.aloud.trim()).toBe('Copied');
});
