import { afterEach, describe, expect, it } from 'vitest';
import type { Receipt } from '../services/wire';
import { receiptLine } from './receipt';
import { markOf, receiptFile, receiptPage, receiptRows, receiptRowsWords } from './receiptrows';
import { words } from './words.svelte';

type Charge = NonNullable<Receipt['charge']>;

const charge: Charge = {
  ...{ currency: 'EUR', lines: [{ kind: 'answer', tokens: 30, per_million: 4_000_000 }], discount: 0 },
  ...{ price: 1_250, free: 0, due: 1_250, waived: 0, waived_why: null },
};
const plain: Receipt = {
  ...{ turn_id: 'turn_1', model: 'm', ending: 'finished', usage: { prompt: 12, cached: 0, reasoning: 0, answer: 30 } },
  ...{ waited_s: 0, first_token_s: 0, thinking_s: 0, seconds: 6, tokens_per_s: 5, gave_way_s: 0, shortened: null, thinking_budget: null, thought_ended: null },
  ...{ tier: 'visitor', behind: false, charge: null, energy: null, cost: null, mark: null },
};
const line = (more: Partial<Receipt>): string => receiptLine({ ...plain, ...more }).join(' · ');
const rows = (more: Partial<Receipt>): Record<string, string> => Object.fromEntries(receiptRows({ ...plain, ...more }));

afterEach(async () => {
  await words.choose('en');
  await receiptRowsWords.follow();
});

describe('the line under an answer', () => {
  it('tells no price where there is none', () => {
    const free = { ...charge, lines: [{ kind: 'answer', tokens: 30, per_million: 0 } as const], price: 0, due: 0 };
    for (const none of [null, free, { ...free, lines: [] }]) {
      expect(line({ charge: none })).toBe('question 12 · answer 30 · 6 s · 5 tokens/s');
      expect(rows({ charge: none })).not.toHaveProperty('Price');
    }
  });

  it('tells the price to the last digit', () => {
    expect(line({ charge })).toContain('price €0.00125');
    expect(line({ charge: { ...charge, due: 1 } })).toContain('price €0.000001');
    expect(line({ charge: { ...charge, discount: 50 } })).toContain('price €0.00125, 50% off-peak discount');
  });

  it('tells what is not charged', () => {
    expect(line({ charge: { ...charge, free: 1_250, due: 0 } })).toContain('free of charge');
    expect(line({ charge: { ...charge, waived: 1_250, due: 0 } })).toContain('not charged');
  });

  it('tells what was measured from what is guessed', () => {
    const energy = { microjoules: 36_000_000, measured: true, machine_us: 1 };
    expect(line({ energy })).toContain('energy 10 mWh');
    expect(line({ energy: { ...energy, measured: false } })).toContain('energy about 10 mWh');
    expect(line({ energy: { ...energy, microjoules: null } })).not.toContain('energy');
  });

  it('tells that one went behind the others', () => {
    expect(line({ behind: true })).toContain('after the others');
  });
});

describe('the rows behind it', () => {
  it('tell how the price came about', () => {
    const told = rows({ charge: { ...charge, discount: 20, free: 250, due: 1_000 }, cost: 300 });
    expect(told).toMatchObject({
      ...{ 'Price': '€0.00125', 'Off-peak discount, taken off': '20%', 'of which free': '€0.00025', 'To pay': '€0.001' },
      'What it cost the operator': '€0.0003',
    });
    expect(rows({ charge })).not.toHaveProperty('To pay');
  });

  it('tell how the energy is known, the tier, and the place', () => {
    const energy = { microjoules: 36_000_000, measured: false, machine_us: 1 };
    expect(rows({ energy, behind: true })).toMatchObject({
      ...{ Energy: 'about 10 mWh, estimated', Tier: 'visitor', Place: 'after the others, since your quota was used up' },
    });
    expect(rows({ energy: { ...energy, measured: true }, tier: 'gold' })).toMatchObject({ Energy: '10 mWh, measured', Tier: 'gold' });
  });

  it('tell who ended a thought at the most that the site allows', () => {
    expect(rows({ thought_ended: 'site' })).toMatchObject({ 'Thought ended': 'at the most that this site allows' });
  });

  it('have each name once, in every language', async () => {
    const energy = { microjoules: 1, measured: true, machine_us: 1 };
    const full = { charge: { ...charge, discount: 5, free: 1, waived: 1 }, cost: 1, energy, behind: true, gave_way_s: 1, thinking_budget: 4, thought_ended: 'load', shortened: { budget: 1, full: 2, waiting: 3 } } as const;
    for (const code of ['en', 'fr', 'uk', 'zh'] as const) {
      await words.choose(code);
      await receiptRowsWords.follow();
      const names = receiptRows({ ...plain, ...full }).map(([name]) => name);
      expect(new Set(names).size, code).toBe(names.length);
    }
  });
});

describe('the mark', () => {
  it('says who made it and who signed', () => {
    const at = new Date(2026, 10, 27, 9, 5).getTime() / 1000;
    const mark = { made_by: 'ai', site: 'The Well', at, answer_sha256: '', key: '', signature: '' } as const;
    expect(markOf({ ...plain, mark })).toMatch(/^Made by AI and signed by The Well, .*09:05\.$/);
    expect(markOf(plain)).toBe('Made by AI. This receipt could not be signed.');
  });

  it('leads to the whole receipt', () => {
    expect([receiptPage('turn_1'), receiptFile('turn_1')]).toEqual(['/receipts#turn_1', '/api/turns/turn_1/receipt']);
  });
});
