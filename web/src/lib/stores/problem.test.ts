import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../services/api';
import { isKnown, sentence, sentenceOf } from './problem';

const TREE = readFileSync(join(import.meta.dirname, '../../../../src/thinkwell/errors.py'), 'utf8');
const CODES = [...TREE.matchAll(/^ {4}code(?:: ClassVar\[str\])? = "(\w+)"/gm)].map((match) => match[1] ?? '');

// What the page is never told, or where only the site's own sentence says what is wrong.
const WITHOUT_WORDS = new Set([
  ...['error', 'refused', 'engine_error', 'storage_error', 'provider_error'], // branches of the tree: no error is only that
  ...['bad_request', 'unknown_field'], // the sentence names the field and the bound
  ...['invalid_key', 'model_not_found', 'idempotency_key_reused', 'would_wait'], // of programs: the page sends none of these
  'setup', // the site does not start
]);

afterEach(() => void vi.useRealTimers());

describe('a problem in the reader\'s words', () => {
  it('has words for every code of the site that the page can be told', () => {
    expect(CODES.length).toBeGreaterThan(30);
    expect(CODES.filter((code) => !isKnown(code) && !WITHOUT_WORDS.has(code))).toEqual([]);
    expect(CODES.filter((code) => isKnown(code) && WITHOUT_WORDS.has(code))).toEqual([]);
  });

  it('is told by the site where its code is new here', () => {
    expect(sentence('new_code', 'The pump broke.')).toBe('The pump broke.');
    expect(sentence('constructor', '')).toBe('Something went wrong. Try again.');
    expect(sentenceOf(new Error('x'))).toBe('Something went wrong. Try again.');
  });

  it('says when a quota begins anew', () => {
    vi.useFakeTimers({ now: new Date(2026, 10, 27, 9, 0) });
    const over = new ApiError('over_quota', 'raw', 429, 5.5 * 3600);
    expect(sentenceOf(over)).toBe('Your quota is used up for now. Ask again later. Possible again: 14:30.');
    expect(sentence('over_quota', 'raw', 20 * 3600)).toContain('Possible again: Sat, Nov 28, 05:00.');
    expect(sentence('line_full', 'raw', 60)).not.toContain('Possible again');
  });
});
