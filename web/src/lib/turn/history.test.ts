import { describe, expect, it } from 'vitest';
import { blank } from '../tree/blank';
import type { Message } from '../services/wire';
import { saidUpTo } from './history';

const said = (id: string, parent: string | null, content: string): Message => ({
  ...blank(id, parent, id.startsWith('q') ? 'user' : 'assistant', '2026-11-27T10:00:00Z'),
  content,
});
const tree = [said('q1', null, 'One?'), said('a1', 'q1', '1.'), said('b1', 'q1', 'I.'), said('q2', 'b1', 'Two?'), said('a2', 'q2', '2.')];

describe('what was said before', () => {
  it('is the branch down to that answer, and no other', () => {
    expect(saidUpTo(tree, 'a2').map(({ role, text }) => `${role}: ${text}`)).toEqual([
      ...['user: One?', 'assistant: I.', 'user: Two?', 'assistant: 2.'],
    ]);
    expect(saidUpTo(tree, 'a1').map(({ text }) => text)).toEqual(['One?', '1.']);
  });

  it('is nothing at the beginning', () => {
    expect(saidUpTo(tree, null)).toEqual([]);
    expect(saidUpTo(tree, 'unknown')).toEqual([]);
  });

  it('leaves out a question to which nothing was said', () => {
    const failed = [...tree, said('q3', 'a2', 'Three?'), said('a3', 'q3', ' '), said('q4', 'a3', 'Four?'), said('a4', 'q4', '4.')];
    expect(saidUpTo(failed, 'a4').map(({ text }) => text)).toEqual(['One?', 'I.', 'Two?', '2.', 'Four?', '4.']);
  });

  it('has the files that came with a question, which count too', () => {
    const body = { name: 'a.txt', text: 'x'.repeat(900_000) };
    const withFile = { ...said('q1', null, 'One?'), files: [{ name: 'a.txt', kind: 'text' as const, size: 1, body }] };
    const after = [said('a1', 'q1', '1.'), said('q2', 'a1', 'y'.repeat(100_000)), said('a2', 'q2', '2.')];
    expect(saidUpTo([withFile, ...after], 'a1')).toEqual([
      { role: 'user', text: 'One?', files: [body] },
      { role: 'assistant', text: '1.' },
    ]);
    expect(saidUpTo([withFile, ...after], 'a2').map(({ text }) => text.length)).toEqual([100_000, 2]);
  });

  it('is as much of the end as the site takes', () => {
    const long = 'x'.repeat(150_000);
    const chain = Array.from({ length: 8 }, (_, index) => [
      said(`q${index}`, index === 0 ? null : `a${index - 1}`, long),
      said(`a${index}`, `q${index}`, `${index}`),
    ]).flat();
    const kept = saidUpTo(chain, 'a7');
    expect(kept.filter(({ role }) => role === 'assistant').map(({ text }) => text)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7']);
    expect(Math.max(...kept.map(({ text }) => text.length))).toBe(100_000);
    const many = Array.from({ length: 1200 }, (_, index) => said(`${index % 2 ? 'a' : 'q'}${index}`, index === 0 ? null : `${index % 2 ? 'q' : 'a'}${index - 1}`, 'x'));
    expect(saidUpTo(many, 'a1199')).toHaveLength(1000);
  });
});
