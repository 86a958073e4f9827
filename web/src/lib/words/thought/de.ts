/** German words of a thought that is read. */
import type { Entry } from '../entry';
import type { words as en } from './en';

export const words: Record<keyof typeof en, Entry> = {
  'tools': 'Überlegung lesen',
  'steps': 'Schritte der Überlegung',
  'loading': 'Überlegung wird geladen\u00a0…',
  'place': 'Schritt {index} von {count}',
  'count': { one: '{count} Schritt', other: '{count} Schritte' },
  'previous': 'Vorheriger Schritt',
  'next': 'Nächster Schritt',
  'goTo': 'Zu Schritt {index}',
  'copyAll': 'Ganze Überlegung kopieren',
  'copyStep': 'Diesen Schritt kopieren',
  'linkStep': 'Link zu diesem Schritt kopieren',
  'linked': 'Der Link ist kopiert. Er öffnet sich nur für Sie: Das Gespräch gehört Ihnen.',
  'quoteStep': 'Diesen Schritt in der nächsten Frage zitieren',
  'quoted': 'Im Eingabefeld zitiert',
  'search': 'Überlegung durchsuchen',
  'search.label': 'In dieser Überlegung suchen',
  'search.close': 'Suche schließen',
  'search.previous': 'Vorheriger Treffer',
  'search.next': 'Nächster Treffer',
  'search.none': 'Nicht in dieser Überlegung',
  'search.place': '{index} von {count}',
  'search.more': '{index} von mehr als {count}',
  'hold': 'Hier anhalten',
  'hold.about': 'Hält diese Seite an. Die Antwort wird weitergeschrieben.',
  'held': 'Diese Seite ist angehalten. Die Antwort wird inzwischen weitergeschrieben.',
  'held.done': 'Diese Seite ist angehalten. Die Antwort ist inzwischen fertig.',
  'goOn': 'Weiter',
};
