/** French words of the page as an app. */
import type { Entry } from '../entry';
import type { words as en } from './en';

export const words: Record<keyof typeof en, Entry> = {
  'note.label': 'Messages du site',
  'note.offline':
    'Il n’y a pas de connexion au site. Ce qui est gardé sur cet appareil peut être lu. Une question reste là où vous l’écrivez ; elle pourra être envoyée quand le site sera de nouveau joignable.',
  'note.offlineNothing':
    'Il n’y a pas de connexion au site, et cet appareil ne garde aucune conversation. Une question reste là où vous l’écrivez ; elle pourra être envoyée quand le site sera de nouveau joignable.',
  'note.back': 'Le site est de nouveau joignable.',
  'note.newer': 'Une nouvelle version de cette page est prête. Rien n’est perdu en la chargeant.',
  'note.reload': 'La charger',
  'note.offer': 'Cela prend un moment. Vous pouvez faire autre chose en attendant.',
  'note.tell': 'Me prévenir quand elle est prête',
  'note.willTell': 'Un message vous dira quand la réponse est prête. Vous pouvez regarder autre chose ; laissez cette page ouverte.',
  'note.willPush': 'Un message vous dira quand la réponse est prête. Vous pouvez fermer cette page.',
  'note.refused': 'Votre navigateur ne permet pas à ce site de vous envoyer des notifications. Cela se change dans ses réglages.',
  'note.close': 'Fermer',
  'ready.title': 'Votre réponse est prête',
  'settings.title': 'Réglages',
  'settings.lead': 'Ils valent pour ce navigateur sur cet appareil.',
  'look.title': 'Langue et couleurs',
  'offline.title': 'Lire hors connexion',
  'offline.switch': 'Garder mes conversations sur cet appareil',
  'offline.about':
    'Celles que vous ouvrez et les 30 plus récentes, au plus 200 et 50 mégaoctets. Qui utilise ce navigateur pourrait les trouver ici. Vous déconnecter, effacer ce qui est à vous ou désactiver ceci les fait disparaître.',
  'offline.kept': {
    one: '{count} conversation est gardée ici, {size}.',
    many: '{count} de conversations sont gardées ici, {size}.',
    other: '{count} conversations sont gardées ici, {size}.',
  },
  'offline.none': 'Aucune conversation n’est gardée ici.',
  'offline.megabytes': '{number} Mo',
  'offline.unable': 'Ce navigateur ne garde rien pour ce site.',
  'notify.title': 'Notifications',
  'notify.switch': 'Me prévenir quand une réponse qui a pris du temps est prête',
  'notify.about': 'Seulement tant que cette page est ouverte et que vous regardez autre chose. La réponse elle-même n’est jamais montrée.',
  'notify.aboutPush':
    'Aussi quand cette page est fermée. L’éditeur de votre navigateur transmet le message et apprend que quelque chose est prêt, mais pas quoi. La réponse elle-même n’est jamais montrée.',
  'notify.names': 'Montrer le nom de la conversation',
  'notify.namesAbout': 'D’autres pourraient le voir sur un écran verrouillé.',
  'notify.denied': 'Votre navigateur ne permet pas à ce site de vous envoyer des notifications. Cela se change dans ses réglages.',
  'notify.unable': 'Ce navigateur ne peut pas vous envoyer de notifications de ce site : il y faut HTTPS, ou cette page comme application installée.',
  'install.title': 'Comme application',
  'install.action': 'Installer',
  'install.about': 'Cette page peut être une application à part sur cet appareil, sans plus de droits que maintenant.',
  'install.how': 'Le menu de votre navigateur propose « Installer » ou « Ajouter à l’écran d’accueil ».',
  'install.done': 'Ceci est l’application installée.',
  'about.title': 'Ce site',
  'about.version': 'Version {version}',
};
