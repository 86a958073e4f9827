/** Portuguese words of a thought that is read. */
import type { Entry } from '../entry';
import type { words as en } from './en';

export const words: Record<keyof typeof en, Entry> = {
  'tools': 'Leitura do raciocínio',
  'steps': 'Passos do raciocínio',
  'loading': 'Abertura do raciocínio…',
  'place': 'Passo {index} de {count}',
  'count': { one: '{count} passo', many: '{count} de passos', other: '{count} passos' },
  'previous': 'Passo anterior',
  'next': 'Passo seguinte',
  'goTo': 'Ir para o passo {index}',
  'copyAll': 'Copiar todo o raciocínio',
  'copyStep': 'Copiar este passo',
  'linkStep': 'Copiar um link para este passo',
  'linked': 'Link copiado. Só funciona para si: a conversa é sua.',
  'quoteStep': 'Citar este passo na próxima pergunta',
  'quoted': 'Citado no campo da pergunta',
  'search': 'Procurar no raciocínio',
  'search.label': 'Procurar neste raciocínio',
  'search.close': 'Fechar a procura',
  'search.previous': 'Ocorrência anterior',
  'search.next': 'Ocorrência seguinte',
  'search.none': 'Não está neste raciocínio',
  'search.place': '{index} de {count}',
  'search.more': '{index} de mais de {count}',
  'hold': 'Pausar aqui',
  'hold.about': 'Congela esta página. A escrita da resposta continua.',
  'held': 'Esta página está em pausa. A escrita da resposta continua.',
  'held.done': 'Esta página está em pausa. A resposta já está completa.',
  'goOn': 'Continuar',
};
