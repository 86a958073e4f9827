/** Ukrainian words of a thought that is read. */
import type { Entry } from '../entry';
import type { words as en } from './en';

export const words: Record<keyof typeof en, Entry> = {
  'tools': 'Читання роздумів',
  'steps': 'Кроки роздумів',
  'loading': 'Завантажуємо роздуми…',
  'place': 'Крок {index} з {count}',
  'count': { one: '{count} крок', few: '{count} кроки', many: '{count} кроків', other: '{count} кроку' },
  'previous': 'Попередній крок',
  'next': 'Наступний крок',
  'goTo': 'До кроку {index}',
  'copyAll': 'Копіювати всі роздуми',
  'copyStep': 'Копіювати цей крок',
  'linkStep': 'Копіювати посилання на цей крок',
  'linked': 'Посилання скопійовано. Воно відкриється лише вам: це ваша розмова.',
  'quoteStep': 'Процитувати цей крок у наступному запитанні',
  'quoted': 'Процитовано в полі запитання',
  'search': 'Пошук у роздумах',
  'search.label': 'Шукати в цих роздумах',
  'search.close': 'Закрити пошук',
  'search.previous': 'Попередній збіг',
  'search.next': 'Наступний збіг',
  'search.none': 'У цих роздумах немає',
  'search.place': '{index} з {count}',
  'search.more': '{index} з понад {count}',
  'hold': 'Пауза тут',
  'hold.about': 'Сторінка завмирає. Відповідь пишеться далі.',
  'held': 'Сторінка на паузі. Відповідь тим часом пишеться.',
  'held.done': 'Сторінка на паузі. Відповідь уже готова.',
  'goOn': 'Далі',
};
