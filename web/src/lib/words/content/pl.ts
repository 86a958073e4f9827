/** Polish words around formulas, code and diagrams of an answer. */
import type { Entry } from '../entry';
import type { words as en } from './en';

export const words: Record<keyof typeof en, Entry> = {
  'diagram.show': 'Pokaż jako diagram',
  'diagram.hide': 'Ukryj diagram',
  'diagram.drawing': 'Rysowanie…',
  'diagram.name': 'Diagram',
  'diagram.drawn': 'Diagram jest pod swoim kodem.',
  'diagram.failed': 'Nie da się tego narysować. Widoczny jest sam kod.',
};
