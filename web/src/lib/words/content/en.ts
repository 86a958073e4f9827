/** English words around formulas, code and diagrams of an answer. */
import type { Entry } from '../entry';

export const words = {
  'diagram.show': 'Show as a diagram',
  'diagram.hide': 'Hide the diagram',
  'diagram.drawing': 'Drawing…',
  'diagram.name': 'Diagram',
  'diagram.drawn': 'The diagram is shown below its code.',
  'diagram.failed': 'This cannot be drawn. Its code is shown as it is.',
} as const satisfies Record<string, Entry>;
