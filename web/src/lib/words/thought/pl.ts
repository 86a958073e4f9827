/** Polish words of a thought that is read. */
import type { Entry } from '../entry';
import type { words as en } from './en';

export const words: Record<keyof typeof en, Entry> = {
  'tools': 'Czytanie namysłu',
  'steps': 'Kroki namysłu',
  'loading': 'Ładowanie namysłu…',
  'place': 'Krok {index} z {count}',
  'count': { one: '{count} krok', few: '{count} kroki', many: '{count} kroków', other: '{count} kroku' },
  'previous': 'Poprzedni krok',
  'next': 'Następny krok',
  'goTo': 'Przejdź do kroku {index}',
  'copyAll': 'Kopiuj cały namysł',
  'copyStep': 'Kopiuj ten krok',
  'linkStep': 'Kopiuj link do tego kroku',
  'linked': 'Skopiowano link. Otworzy się tylko tobie, bo to twoja rozmowa.',
  'quoteStep': 'Zacytuj ten krok w następnym pytaniu',
  'quoted': 'Zacytowano w polu pytania',
  'search': 'Szukaj w namyśle',
  'search.label': 'Szukaj w tym namyśle',
  'search.close': 'Zamknij wyszukiwanie',
  'search.previous': 'Poprzednie trafienie',
  'search.next': 'Następne trafienie',
  'search.none': 'Nie ma w tym namyśle',
  'search.place': '{index} z {count}',
  'search.more': '{index} z ponad {count}',
  'hold': 'Wstrzymaj tutaj',
  'hold.about': 'Wstrzymuje zmiany na tej stronie. Odpowiedź powstaje dalej.',
  'held': 'Ta strona jest wstrzymana. Odpowiedź tymczasem powstaje.',
  'held.done': 'Ta strona jest wstrzymana. Odpowiedź jest już gotowa.',
  'goOn': 'Wznów',
};
