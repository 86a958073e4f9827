/** French words of a thought that is read. */
import type { Entry } from '../entry';
import type { words as en } from './en';

export const words: Record<keyof typeof en, Entry> = {
  'tools': 'Lire la réflexion',
  'steps': 'Étapes de la réflexion',
  'loading': 'Chargement de la réflexion…',
  'place': 'Étape {index} sur {count}',
  'count': { one: '{count} étape', many: '{count} d’étapes', other: '{count} étapes' },
  'previous': 'Étape précédente',
  'next': 'Étape suivante',
  'goTo': 'Aller à l’étape {index}',
  'copyAll': 'Copier toute la réflexion',
  'copyStep': 'Copier cette étape',
  'linkStep': 'Copier un lien vers cette étape',
  'linked': 'Le lien est copié. Il ne s’ouvre que pour vous : la conversation est à vous.',
  'quoteStep': 'Citer cette étape dans votre prochaine question',
  'quoted': 'Citée dans la zone de question',
  'search': 'Rechercher dans la réflexion',
  'search.label': 'Rechercher dans cette réflexion',
  'search.close': 'Fermer la recherche',
  'search.previous': 'Résultat précédent',
  'search.next': 'Résultat suivant',
  'search.none': 'Absent de cette réflexion',
  'search.place': '{index} sur {count}',
  'search.more': '{index} sur plus de {count}',
  'hold': 'Figer ici',
  'hold.about': 'Fige cette page. La réponse continue de s’écrire.',
  'held': 'Cette page est figée. La réponse continue de s’écrire.',
  'held.done': 'Cette page est figée. La réponse est maintenant complète.',
  'goOn': 'Reprendre',
};
