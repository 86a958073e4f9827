import { describe, expect, it } from 'vitest';
import type { Message } from '../services/wire';
import { branchesOf, leafUnder, pathTo } from './tree';

const message = (id: string, parent_id: string | null, second: number, role: Message['role'] = 'user'): Message => ({
  ...{ id, parent_id, role, content: id, has_thought: false, status: 'complete', turn_id: null, error: null, receipt: null },
  ...{ finish_reason: null, stopped_by: null, left_out: 0 },
  created_at: `2026-11-21T10:00:${String(second).padStart(2, '0')}Z`,
});

// q1 -> a1, a2 (another answer) -> q2 -> a3; q1b is an edit of the first question.
const tree = [
  message('a3', 'q2', 5, 'assistant'),
  message('q1', null, 1),
  message('a1', 'q1', 2, 'assistant'),
  message('q2', 'a2', 4),
  message('a2', 'q1', 3, 'assistant'),
  message('q1b', null, 6),
  message('a4', 'q1b', 7, 'assistant'),
];
const ids = (messages: Message[]): string[] => messages.map(({ id }) => id);

describe('the branch that is shown', () => {
  it('leads from the first question to the head', () => {
    expect(ids(pathTo(tree, 'a3'))).toEqual(['q1', 'a2', 'q2', 'a3']);
    expect(ids(pathTo(tree, 'a1'))).toEqual(['q1', 'a1']);
  });

  it('goes on to the newest leaf when the head is not one', () => {
    expect(ids(pathTo(tree, 'q1'))).toEqual(['q1', 'a2', 'q2', 'a3']);
  });

  it('is the newest one when the head is unknown', () => {
    expect(ids(pathTo(tree, null))).toEqual(['q1b', 'a4']);
    expect(ids(pathTo(tree, 'gone'))).toEqual(['q1b', 'a4']);
  });

  it('is empty for no messages, and ends where a parent is missing or parents go in a circle', () => {
    expect(pathTo([], null)).toEqual([]);
    expect(ids(pathTo([message('x', 'lost', 1)], 'x'))).toEqual(['x']);
    expect(pathTo([message('x', 'y', 1), message('y', 'x', 2)], 'x').length).toBeLessThanOrEqual(2);
  });
});

describe('versions of a message', () => {
  it('are its siblings by age', () => {
    expect(branchesOf(tree, tree[4]!)).toEqual({ index: 1, ids: ['a1', 'a2'] });
    expect(branchesOf(tree, tree[1]!)).toEqual({ index: 0, ids: ['q1', 'q1b'] });
  });

  it('compare times, not their spelling', () => {
    const older = { ...message('o', null, 1), created_at: '2026-11-21T10:00:01Z' };
    const newer = { ...message('n', null, 1), created_at: '2026-11-21T10:00:01.5+00:00' };
    expect(branchesOf([newer, older], newer).ids).toEqual(['o', 'n']);
  });

  it('lead to the newest leaf below the chosen one', () => {
    expect(leafUnder(tree, 'a2')).toBe('a3');
    expect(leafUnder(tree, 'a1')).toBe('a1');
  });
});
