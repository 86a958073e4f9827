/** Portuguese words around formulas, code and diagrams of an answer. */
import type { Entry } from '../entry';
import type { words as en } from './en';

export const words: Record<keyof typeof en, Entry> = {
  'diagram.show': 'Mostrar como diagrama',
  'diagram.hide': 'Ocultar o diagrama',
  'diagram.drawing': 'Desenho em curso…',
  'diagram.name': 'Diagrama',
  'diagram.drawn': 'O diagrama está abaixo do seu código.',
  'diagram.failed': 'Não é possível desenhar isto. O código é mostrado tal como está.',
};
