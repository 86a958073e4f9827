/** Japanese words around formulas, code and diagrams of an answer. */
import type { Entry } from '../entry';
import type { words as en } from './en';

export const words: Record<keyof typeof en, Entry> = {
  'diagram.show': '図で表示',
  'diagram.hide': '図を隠す',
  'diagram.drawing': '描画中…',
  'diagram.name': '図',
  'diagram.drawn': 'コードの下に図を表示しました。',
  'diagram.failed': '図にできません。コードをそのまま表示しています。',
};
