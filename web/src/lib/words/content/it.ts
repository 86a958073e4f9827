/** Italian words around formulas, code and diagrams of an answer. */
import type { Entry } from '../entry';
import type { words as en } from './en';

export const words: Record<keyof typeof en, Entry> = {
  'diagram.show': 'Mostra come diagramma',
  'diagram.hide': 'Nascondi il diagramma',
  'diagram.drawing': 'Disegno in corso…',
  'diagram.name': 'Diagramma',
  'diagram.drawn': 'Il diagramma è mostrato sotto il suo codice.',
  'diagram.failed': 'Non è possibile disegnarlo. Il codice è mostrato così com’è.',
};
