/** Hindi words around formulas, code and diagrams of an answer. */
import type { Entry } from '../entry';
import type { words as en } from './en';

export const words: Record<keyof typeof en, Entry> = {
  'diagram.show': 'आरेख के रूप में दिखाएँ',
  'diagram.hide': 'आरेख छिपाएँ',
  'diagram.drawing': 'बनाया जा रहा है…',
  'diagram.name': 'आरेख',
  'diagram.drawn': 'आरेख अपने कोड के नीचे दिख रहा है।',
  'diagram.failed': 'इसका आरेख नहीं बन सकता। इसका कोड जैसा है, वैसा ही दिख रहा है।',
};
