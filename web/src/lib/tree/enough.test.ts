import { describe, expect, it } from 'vitest';
import type { Message } from '../services/wire';
import { blank } from './blank';
import { enough } from './enough';

const path = (content: string, count: number): Message[] =>
  Array.from({ length: count }, (_, number) => ({ ...blank(`m${number}`, null, 'assistant', '2026-11-27T00:00:00Z'), content }));

describe('what of a branch stands there at once', () => {
  it('is little where messages are long, and more where they are short', () => {
    expect(enough(path('A line.\n'.repeat(100), 500), 720, 4, 12)).toBe(4);
    expect(enough(path('word '.repeat(200), 500), 720, 4, 12)).toBe(4);
    expect(enough(path('A line.\n\n'.repeat(5), 500), 720, 4, 12)).toBe(8);
    expect(enough(path('Yes.', 500), 720, 4, 12)).toBe(12);
  });

  it('is all of it where that is less', () => {
    expect(enough(path('Yes.', 2), 720, 4, 12)).toBe(2);
    expect(enough([], 720, 4, 12)).toBe(0);
  });
});
