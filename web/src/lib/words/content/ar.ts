/** Arabic words around formulas, code and diagrams of an answer. */
import type { Entry } from '../entry';
import type { words as en } from './en';

export const words: Record<keyof typeof en, Entry> = {
  'diagram.show': 'عرض كرسم تخطيطي',
  'diagram.hide': 'إخفاء الرسم',
  'diagram.drawing': 'جارٍ الرسم…',
  'diagram.name': 'رسم تخطيطي',
  'diagram.drawn': 'يظهر الرسم تحت شفرته.',
  'diagram.failed': 'يتعذّر رسم هذا. تظهر شفرته كما هي.',
};
