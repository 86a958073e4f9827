/** Chinese words around formulas, code and diagrams of an answer. */
import type { Entry } from '../entry';
import type { words as en } from './en';

export const words: Record<keyof typeof en, Entry> = {
  'diagram.show': '显示为图表',
  'diagram.hide': '隐藏图表',
  'diagram.drawing': '正在绘制…',
  'diagram.name': '图表',
  'diagram.drawn': '图表显示在其代码下方。',
  'diagram.failed': '无法绘制此图。代码按原样显示。',
};
