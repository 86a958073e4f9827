/** Italian words of a thought that is read. */
import type { Entry } from '../entry';
import type { words as en } from './en';

export const words: Record<keyof typeof en, Entry> = {
  'tools': 'Leggere il ragionamento',
  'steps': 'Passi del ragionamento',
  'loading': 'Caricamento del ragionamento…',
  'place': 'Passo {index} di {count}',
  'count': { one: '{count} passo', many: '{count} di passi', other: '{count} passi' },
  'previous': 'Passo precedente',
  'next': 'Passo successivo',
  'goTo': 'Vai al passo {index}',
  'copyAll': 'Copia tutto il ragionamento',
  'copyStep': 'Copia questo passo',
  'linkStep': 'Copia un link a questo passo',
  'linked': 'Il link è copiato. Si apre solo per lei: la conversazione è sua.',
  'quoteStep': 'Cita questo passo nella prossima domanda',
  'quoted': 'Citato nel campo della domanda',
  'search': 'Cerca nel ragionamento',
  'search.label': 'Cerca in questo ragionamento',
  'search.close': 'Chiudi la ricerca',
  'search.previous': 'Risultato precedente',
  'search.next': 'Risultato successivo',
  'search.none': 'Non è in questo ragionamento',
  'search.place': '{index} di {count}',
  'search.more': '{index} di oltre {count}',
  'hold': 'Ferma qui',
  'hold.about': 'Tiene ferma questa pagina. La risposta continua a essere scritta.',
  'held': 'Questa pagina è ferma. Intanto la risposta continua a essere scritta.',
  'held.done': 'Questa pagina è ferma. La risposta ormai è completa.',
  'goOn': 'Riprendi',
};
