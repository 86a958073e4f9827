/** German words around formulas, code and diagrams of an answer. */
import type { Entry } from '../entry';
import type { words as en } from './en';

export const words: Record<keyof typeof en, Entry> = {
  'diagram.show': 'Als Diagramm anzeigen',
  'diagram.hide': 'Diagramm ausblenden',
  'diagram.drawing': 'Wird gezeichnet\u00a0…',
  'diagram.name': 'Diagramm',
  'diagram.drawn': 'Das Diagramm steht unter seinem Code.',
  'diagram.failed': 'Das lässt sich nicht zeichnen. Der Code wird gezeigt, wie er ist.',
};
