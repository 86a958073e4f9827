/** Spanish words around formulas, code and diagrams of an answer. */
import type { Entry } from '../entry';
import type { words as en } from './en';

export const words: Record<keyof typeof en, Entry> = {
  'diagram.show': 'Mostrar como diagrama',
  'diagram.hide': 'Ocultar el diagrama',
  'diagram.drawing': 'Dibujando…',
  'diagram.name': 'Diagrama',
  'diagram.drawn': 'El diagrama se muestra debajo de su código.',
  'diagram.failed': 'Esto no se puede dibujar. Se muestra su código tal cual.',
};
