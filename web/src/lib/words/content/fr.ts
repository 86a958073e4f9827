/** French words around formulas, code and diagrams of an answer. */
import type { Entry } from '../entry';
import type { words as en } from './en';

export const words: Record<keyof typeof en, Entry> = {
  'diagram.show': 'Afficher en diagramme',
  'diagram.hide': 'Masquer le diagramme',
  'diagram.drawing': 'Dessin…',
  'diagram.name': 'Diagramme',
  'diagram.drawn': 'Le diagramme s’affiche sous son code.',
  'diagram.failed': 'Cela ne peut pas être dessiné. Le code est montré tel quel.',
};
