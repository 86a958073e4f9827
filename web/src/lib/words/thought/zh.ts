/** Chinese words of a thought that is read. */
import type { Entry } from '../entry';
import type { words as en } from './en';

export const words: Record<keyof typeof en, Entry> = {
  'tools': '阅读思考',
  'steps': '思考的步骤',
  'loading': '正在加载思考…',
  'place': '第 {index} 步，共 {count} 步',
  'count': { other: '{count} 步' },
  'previous': '上一步',
  'next': '下一步',
  'goTo': '跳到第 {index} 步',
  'copyAll': '复制完整的思考',
  'copyStep': '复制这一步',
  'linkStep': '复制这一步的链接',
  'linked': '链接已复制。只有您能打开：对话属于您。',
  'quoteStep': '在下一个问题中引用这一步',
  'quoted': '已引用到提问框',
  'search': '搜索思考',
  'search.label': '在这次思考中搜索',
  'search.close': '关闭搜索',
  'search.previous': '上一处匹配',
  'search.next': '下一处匹配',
  'search.none': '这次思考中没有',
  'search.place': '第 {index} 处，共 {count} 处',
  'search.more': '第 {index} 处，共超过 {count} 处',
  'hold': '停在这里',
  'hold.about': '让页面停住不动。回答会继续书写。',
  'held': '页面已停住。其间回答仍在继续书写。',
  'held.done': '页面已停住。回答现已完成。',
  'goOn': '继续',
};
