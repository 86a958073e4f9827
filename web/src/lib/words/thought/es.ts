/** Spanish words of a thought that is read. */
import type { Entry } from '../entry';
import type { words as en } from './en';

export const words: Record<keyof typeof en, Entry> = {
  'tools': 'Leer la reflexión',
  'steps': 'Pasos de la reflexión',
  'loading': 'Cargando la reflexión…',
  'place': 'Paso {index} de {count}',
  'count': { one: '{count} paso', many: '{count} de pasos', other: '{count} pasos' },
  'previous': 'Paso anterior',
  'next': 'Paso siguiente',
  'goTo': 'Ir al paso {index}',
  'copyAll': 'Copiar toda la reflexión',
  'copyStep': 'Copiar este paso',
  'linkStep': 'Copiar un enlace a este paso',
  'linked': 'El enlace está copiado. Solo se abre para usted: la conversación es suya.',
  'quoteStep': 'Citar este paso en su próxima pregunta',
  'quoted': 'Citado en el cuadro de pregunta',
  'search': 'Buscar en la reflexión',
  'search.label': 'Buscar en esta reflexión',
  'search.close': 'Cerrar la búsqueda',
  'search.previous': 'Coincidencia anterior',
  'search.next': 'Coincidencia siguiente',
  'search.none': 'No está en esta reflexión',
  'search.place': '{index} de {count}',
  'search.more': '{index} de más de {count}',
  'hold': 'Pausar aquí',
  'hold.about': 'Pone en pausa esta página. La respuesta se sigue escribiendo.',
  'held': 'Esta página está en pausa. Mientras tanto, la respuesta se sigue escribiendo.',
  'held.done': 'Esta página está en pausa. La respuesta ya está completa.',
  'goOn': 'Seguir',
};
