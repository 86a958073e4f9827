/** The stages of a run by their names in its folder, and what it has cost. */
import type { RunRow } from '../../stores/training.svelte';
import { trainingWords } from '../../stores/trainingwords';
import { written } from '../../stores/written';

const NAMES = { sft: 'stage.sft', grpo: 'stage.grpo' } as const;

/** A stage that is not known here has the name that it gave itself. */
export const stageOf = (name: string): string => (Object.hasOwn(NAMES, name) ? trainingWords.t(NAMES[name as keyof typeof NAMES]) : name);

const CENT = 10_000;

/** To the cent; what is less with the digits that count. Null: no price was named. */
export const spentBy = ({ spend, currency }: RunRow): string | null => {
  if (spend === null) return null;
  return spend < CENT ? written.moneyRound(spend, currency) : written.money(Math.round(spend / CENT) * CENT, currency);
};
