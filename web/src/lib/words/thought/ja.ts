/** Japanese words of a thought that is read. */
import type { Entry } from '../entry';
import type { words as en } from './en';

export const words: Record<keyof typeof en, Entry> = {
  'tools': '思考を読む',
  'steps': '思考のステップ',
  'loading': '思考を読み込み中…',
  'place': 'ステップ{index} / {count}',
  'count': { other: '{count}ステップ' },
  'previous': '前のステップ',
  'next': '次のステップ',
  'goTo': 'ステップ{index}へ移動',
  'copyAll': '思考の全文をコピー',
  'copyStep': 'このステップをコピー',
  'linkStep': 'このステップへのリンクをコピー',
  'linked': 'リンクをコピーしました。会話の持ち主であるご本人だけが開けます。',
  'quoteStep': '次の質問にこのステップを引用',
  'quoted': '質問欄に引用しました',
  'search': '思考を検索',
  'search.label': 'この思考の中を検索',
  'search.close': '検索を閉じる',
  'search.previous': '前の一致',
  'search.next': '次の一致',
  'search.none': 'この思考にはありません',
  'search.place': '{index} / {count}',
  'search.more': '{index} / {count}件超',
  'hold': 'ここで止める',
  'hold.about': 'このページの動きを止めます。回答は引き続き書かれます。',
  'held': 'このページの動きを止めています。その間も回答は書かれています。',
  'held.done': 'このページの動きを止めています。回答はすでに完了しました。',
  'goOn': '再開',
};
