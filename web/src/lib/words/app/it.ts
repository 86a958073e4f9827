/** Italian words of the page as an app. */
import type { Entry } from '../entry';
import type { words as en } from './en';

export const words: Record<keyof typeof en, Entry> = {
  'note.label': 'Avvisi del sito',
  'note.offline':
    'Non c’è connessione al sito. Si può leggere ciò che è conservato su questo dispositivo. Una domanda resta dove la scrive e potrà essere inviata quando il sito sarà di nuovo raggiungibile.',
  'note.offlineNothing':
    'Non c’è connessione al sito, e questo dispositivo non conserva conversazioni. Una domanda resta dove la scrive e potrà essere inviata quando il sito sarà di nuovo raggiungibile.',
  'note.back': 'Il sito è di nuovo raggiungibile.',
  'note.newer': 'È pronta una nuova versione di questa pagina. Caricandola non si perde nulla.',
  'note.reload': 'Carica',
  'note.offer': 'Ci vuole un po’. Intanto può fare altro.',
  'note.tell': 'Avvisami quando è pronta',
  'note.willTell': 'Riceverà un avviso quando la risposta sarà pronta. Può guardare altro; lasci aperta questa pagina.',
  'note.willPush': 'Riceverà un avviso quando la risposta sarà pronta. Può chiudere questa pagina.',
  'note.refused': 'Il suo browser non permette a questo sito di inviarle notifiche. Può cambiarlo nelle impostazioni del browser.',
  'note.close': 'Chiudi',
  'ready.title': 'La sua risposta è pronta',
  'settings.title': 'Impostazioni',
  'settings.lead': 'Valgono per questo browser su questo dispositivo.',
  'look.title': 'Lingua e colori',
  'offline.title': 'Leggere offline',
  'offline.switch': 'Conserva le mie conversazioni su questo dispositivo',
  'offline.about':
    'Quelle che apre e le 30 più recenti, al massimo 200 e 50 megabyte. Chi usa questo browser potrebbe trovarle qui. Uscire dall’account, cancellare ciò che è suo o disattivare questa opzione le rimuove.',
  'offline.kept': {
    one: 'Qui è conservata {count} conversazione, {size}.',
    many: 'Qui sono conservate {count} di conversazioni, {size}.',
    other: 'Qui sono conservate {count} conversazioni, {size}.',
  },
  'offline.none': 'Qui non è conservata alcuna conversazione.',
  'offline.megabytes': '{number} MB',
  'offline.unable': 'Questo browser non conserva nulla per questo sito.',
  'notify.title': 'Notifiche',
  'notify.switch': 'Avvisami quando è pronta una risposta che ha richiesto tempo',
  'notify.about': 'Solo mentre questa pagina è aperta e lei guarda altro. La risposta stessa non viene mai mostrata.',
  'notify.aboutPush':
    'Anche quando questa pagina è chiusa. Il produttore del suo browser inoltra l’avviso e viene a sapere che qualcosa è pronto, non che cosa. La risposta stessa non viene mai mostrata.',
  'notify.names': 'Mostra il nome della conversazione',
  'notify.namesAbout': 'Altri potrebbero vederlo sullo schermo bloccato.',
  'notify.denied': 'Il suo browser non permette a questo sito di inviarle notifiche. Può cambiarlo nelle impostazioni del browser.',
  'notify.unable': 'Questo browser non può inviarle notifiche di questo sito: serve HTTPS, oppure questa pagina come app installata.',
  'install.title': 'Come app',
  'install.action': 'Installa',
  'install.about': 'Questa pagina può essere un’app a sé su questo dispositivo, senza permessi in più rispetto a ora.',
  'install.how': 'Nel menu del suo browser c’è «Installa» o «Aggiungi alla schermata Home».',
  'install.done': 'Questa è l’app installata.',
  'about.title': 'Questo sito',
  'about.version': 'Versione {version}',
};
