/** The words of training runs and adapters. */
import { words as en } from '../words/training/en';
import { AreaWords } from './areawords.svelte';

export type TrainingKey = keyof typeof en;
export const trainingWords = new AreaWords<TrainingKey>('training', en);
