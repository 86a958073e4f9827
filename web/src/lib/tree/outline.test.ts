import { describe, expect, it } from 'vitest';
import type { Message } from '../services/wire';
import { blank } from './blank';
import { merged } from './merge';
import { branches, outlineOf } from './outline';
import { partsOf, pathTo } from './tree';

let clock = 0;
const said = (id: string, parent: string | null, role: Message['role'], content = id): Message => {
  clock += 1;
  return { ...blank(id, parent, role, new Date(clock * 1000).toISOString()), content, status: 'complete' };
};

const tree = [said('q1', null, 'user'), said('a1', 'q1', 'assistant'), said('q2', 'a1', 'user'), said('a2', 'q2', 'assistant'), said('b1', 'q1', 'assistant'), said('q3', 'b1', 'user'), said('q4', 'b1', 'user'), said('a4', 'q4', 'assistant')];
const told = (messages: Message[], head: string): string[] =>
  outlineOf(messages, pathTo(messages, head)).map((row) => `${'-'.repeat(row.level)} ${row.id} ${row.place}/${row.count}${row.shown ? ' *' : ''}${row.above === null ? '' : ` <${row.above}`}`);

describe('the outline of a conversation', () => {
  it('has a row for each question, and for each of several answers, below what they branch from', () => {
    expect(told(tree, 'a4')).toEqual(['- q1 1/1 *', '-- a1 1/2 <q1', '-- q2 1/1 <q1', '-- b1 2/2 * <q1', '--- q3 1/2 <b1', '--- q4 2/2 * <b1']);
  });

  it('does not go deeper where nothing branches, however long it is', () => {
    const chain: Message[] = [];
    for (let index = 0; index < 500; index += 1) chain.push(said(`m${index}`, index === 0 ? null : `m${index - 1}`, index % 2 === 0 ? 'user' : 'assistant'));
    const rows = outlineOf(chain, pathTo(chain, 'm499'));
    expect(rows).toHaveLength(250);
    expect(new Set(rows.map((row) => row.level))).toEqual(new Set([1]));
    expect(branches(chain)).toBe(false);
    expect(branches([...chain, said('x', 'm3', 'user')])).toBe(true);
  });

  it('goes as deep as it branches, each message once', () => {
    const deep = [said('q0', null, 'user')];
    for (let index = 1; index <= 250; index += 1) deep.push(said(`a${index}`, `q${index - 1}`, 'assistant'), said(`b${index}`, `q${index - 1}`, 'assistant'), said(`q${index}`, `b${index}`, 'user'));
    const rows = outlineOf(deep, pathTo(deep, 'q250'));
    expect(new Set(rows.map((row) => row.id)).size).toBe(rows.length);
    expect(Math.max(...rows.map((row) => row.level))).toBe(251);
  });

  it('is in plain words, and whole characters', () => {
    const answers = [said('q', null, 'user', 'a * b?'), said('x', 'q', 'assistant', '# Hi **there**, [link](https://x.y)\n\nmore'), said('y', 'q', 'assistant', `${'x'.repeat(89)}💧`.repeat(3))];
    const rows = outlineOf(answers, []);
    expect(rows.slice(0, 2).map((row) => row.text)).toEqual(['a * b?', 'Hi there , link more']);
    expect(rows[2]?.text.isWellFormed()).toBe(true);
  });

  it('holds of a damaged tree', () => {
    expect(told([said('x', 'gone', 'user'), said('y', 'x', 'assistant')], 'y')).toEqual(['- x 1/1 *']);
  });
});

describe('an answer that was gone on with', () => {
  it('is one with what went on with it', () => {
    const path = [said('q', null, 'user'), said('a', 'q', 'assistant'), said('b', 'a', 'assistant'), said('r', 'b', 'user')];
    expect(partsOf(path).map((parts) => parts.map(({ id }) => id).join())).toEqual(['q', 'a,b', 'r']);
  });
});

describe('what the site has', () => {
  it('leaves what has ended as it is, and brings what is new', () => {
    const [q, a] = [said('q', null, 'user'), { ...said('a', 'q', 'assistant'), reasoning: 'read live' }];
    const running: Message = { ...said('r', 'a', 'assistant'), status: 'streaming' };
    const theirs = [{ ...q }, { ...a, reasoning: '' }, { ...running, status: 'complete', content: 'whole' } as Message, said('n', 'a', 'user')];
    const found = merged([q, a, running], theirs);
    expect(found[0]).toBe(q);
    expect(found[1]).toBe(a);
    expect(found.slice(2).map(({ id, content }) => `${id}:${content}`)).toEqual(['r:whole', 'n:n']);
  });
});
