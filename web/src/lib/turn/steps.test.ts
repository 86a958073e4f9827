import { describe, expect, it } from 'vitest';
import { quotationOf, withQuotation } from './quote';
import { firstFrom, matchesIn, MOST_MATCHES } from './search';
import { hashOf, stepLinkOf } from './steplink';
import { stepsOf } from './steps';

/** Repeatable chance. */
function chance(seed: number): (below: number) => number {
  let state = seed * 2654435761 + 1;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % below;
  };
}

const PIECES = ['\n', '\n\n', ' \t\n', '\r\n', '```', '```js\n', '~~~\n', '    ', 'So. ', 'Wait! ', '是的。', 'Step 2: ', '## Plan\n', '**Look at it**\n', '\u202e', '\u200b', '\u{1f4a7}', '\ud83d', 'word ', 'x'.repeat(700), 'long words '.repeat(150)];

describe('the steps of a thought', () => {
  it('are the thought when they are joined, and none is empty or endless', () => {
    for (let seed = 0; seed < 400; seed += 1) {
      const next = chance(seed);
      const thought = Array.from({ length: next(60) }, () => PIECES[next(PIECES.length)]).join('');
      const steps = stepsOf(thought);
      expect(steps.join('')).toBe(thought);
      expect(steps.every((step) => step !== '')).toBe(true);
      if (!/```|~~~/.test(thought)) expect(Math.max(0, ...steps.map((step) => step.trimEnd().length))).toBeLessThanOrEqual(2000);
    }
  });

  it('are paragraphs; lines of one stay together', () => {
    expect(stepsOf('One,\ntwo.\n\nThree.\n \n\nFour.')).toEqual(['One,\ntwo.\n\n', 'Three.\n \n\n', 'Four.']);
    expect(stepsOf('')).toEqual([]);
    expect(stepsOf('\n\n')).toEqual(['\n\n']);
    expect(stepsOf('\n\nOne.')).toEqual(['\n\nOne.']);
  });

  it('begin with headings and counted steps too', () => {
    expect(stepsOf('Plan.\nStep 1: look.\nThen.\n**Step 2** go.\n## End\nDone.')).toEqual(['Plan.\n', 'Step 1: look.\nThen.\n', '**Step 2** go.\n', '## End\nDone.']);
    expect(stepsOf('A stepping stone.\nSteps are many.')).toHaveLength(1);
  });

  it('keep a fence of code whole, blank lines and all', () => {
    const fence = '```py\na = 1\n\n\n# Step 2\nb = 2\n```\n';
    expect(stepsOf(`Code:\n${fence}\nSo.`)).toEqual([`Code:\n${fence}\n`, 'So.']);
    const long = `${'a line\n\n'.repeat(900)}`;
    const steps = stepsOf(`Code:\n~~~\n${long}~~~\n\nSo.`);
    expect(steps).toEqual(['Code:\n', `~~~\n${long}~~~\n\n`, 'So.']);
  });

  it('take a fence that never closes for text', () => {
    expect(stepsOf('```\none\n\ntwo')).toEqual(['```\none\n\n', 'two']);
    expect(stepsOf('```\none\n\n~~~\n\ntwo')).toHaveLength(3);
  });

  it('cut a very long paragraph at the ends of sentences, else between words', () => {
    const sentences = stepsOf('This is one of them. '.repeat(300));
    expect(sentences.length).toBeGreaterThan(3);
    expect(sentences.every((step) => step.startsWith('This') && step.endsWith('them. '))).toBe(true);
    expect(stepsOf('word '.repeat(1000)).every((step) => step.startsWith('word'))).toBe(true);
    expect(stepsOf('\u{1f4a7}'.repeat(3000)).every((step) => step.isWellFormed())).toBe(true);
  });

  it('are never so many that nobody could go through them', () => {
    const thought = 'a b\n\n'.repeat(50_000);
    const steps = stepsOf(thought);
    expect([steps.length, steps.join('') === thought]).toEqual([2000, true]);
  });

  it.each([
    ['a million characters without a space', 'x'.repeat(1_000_000)],
    ['fences that open and open', '```a\n'.repeat(200_000)],
    ['fences of both kinds', '```\n~~~~\n'.repeat(100_000)],
    ['blank lines', ' \n'.repeat(400_000)],
    ['spaces', ' '.repeat(1_000_000)],
    ['stars', '**'.repeat(400_000)],
  ])('are found of %s', (_, thought) => {
    expect(stepsOf(thought).join('') === thought).toBe(true);
  });
});

describe('looking for words', () => {
  const steps = ['The sky is Blue.\n', 'Blue\n  whales? (blue) İstanbul', '`a.b`'];

  it('finds them whatever their case and white space', () => {
    expect(matchesIn(steps, ' blue ')).toEqual([
      { step: 0, at: 11, length: 4 },
      { step: 1, at: 0, length: 4 },
      { step: 1, at: 16, length: 4 },
    ]);
    expect(matchesIn(steps, 'blue whales')).toEqual([{ step: 1, at: 0, length: 13 }]);
    expect(matchesIn(steps, 'istanbul').length + matchesIn(steps, 'İSTANBUL').length).toBeGreaterThan(0);
  });

  it('takes what is typed literally', () => {
    expect(matchesIn(steps, 'a.b')).toHaveLength(1);
    expect(matchesIn(steps, 'a.')).toHaveLength(1);
    expect(matchesIn(steps, '.*')).toHaveLength(0);
    for (const typed of ['(', '[a', '\\', '{2}', '$', '/', '\ud83d', '-', ']', '^']) expect(() => matchesIn(steps, typed)).not.toThrow();
    expect(matchesIn(steps, '  ')).toEqual([]);
  });

  it('stops where nobody would go on', () => {
    expect(matchesIn(['e'.repeat(100_000)], 'e')).toHaveLength(MOST_MATCHES);
  });

  it('begins at the step that is read, else at the first', () => {
    const found = matchesIn(steps, 'blue');
    expect([firstFrom(found, 0), firstFrom(found, 1), firstFrom(found, 2)]).toEqual([0, 1, 0]);
  });
});

describe('the address of a step', () => {
  it('is read as it is written', () => {
    expect(hashOf({ message: 'msg_Ab-1', step: 2 })).toBe('#msg_Ab-1.3');
    expect(stepLinkOf('msg_Ab-1.3')).toEqual({ message: 'msg_Ab-1', step: 2 });
  });

  it.each(['', 'question', 'msg.0', 'msg.-1', 'msg.1.2', 'msg.12345678', '.3', 'a b.3', 'm<s>.1', `${'x'.repeat(65)}.1`])('is not "%s"', (hash) => {
    expect(stepLinkOf(hash)).toBeNull();
  });
});

describe('a quotation', () => {
  it('has a mark before each line, and room for the question', () => {
    expect(quotationOf('\nOne,\n\n  two.\n')).toBe('> One,\n>\n>   two.\n\n');
  });

  it('comes after what is written already', () => {
    expect(withQuotation('', '> x\n\n')).toBe('> x\n\n');
    expect(withQuotation('But why \n', '> x\n\n')).toBe('But why\n\n> x\n\n');
  });
});
