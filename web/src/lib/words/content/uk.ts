/** Ukrainian words around formulas, code and diagrams of an answer. */
import type { Entry } from '../entry';
import type { words as en } from './en';

export const words: Record<keyof typeof en, Entry> = {
  'diagram.show': 'Показати як діаграму',
  'diagram.hide': 'Сховати діаграму',
  'diagram.drawing': 'Малюємо…',
  'diagram.name': 'Діаграма',
  'diagram.drawn': 'Діаграму показано під її кодом.',
  'diagram.failed': 'Це не вдається намалювати. Код показано, як він є.',
};
