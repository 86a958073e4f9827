/** Spanish words of the page as an app. */
import type { Entry } from '../entry';
import type { words as en } from './en';

export const words: Record<keyof typeof en, Entry> = {
  'note.label': 'Avisos del sitio',
  'note.offline':
    'No hay conexión con el sitio. Puede leer lo que está guardado en este dispositivo. Una pregunta se queda donde la escribe y podrá enviarse cuando se recupere la conexión.',
  'note.offlineNothing':
    'No hay conexión con el sitio, y en este dispositivo no hay conversaciones guardadas. Una pregunta se queda donde la escribe y podrá enviarse cuando se recupere la conexión.',
  'note.back': 'Vuelve a haber conexión con el sitio.',
  'note.newer': 'Hay una nueva versión de esta página. Al cargarla no se pierde nada.',
  'note.reload': 'Cargarla',
  'note.offer': 'Esto tarda un rato. Mientras tanto puede hacer otra cosa.',
  'note.tell': 'Avisarme cuando esté lista',
  'note.willTell': 'Se le avisará cuando la respuesta esté lista. Puede mirar otra cosa; deje esta página abierta.',
  'note.willPush': 'Se le avisará cuando la respuesta esté lista. Puede cerrar esta página.',
  'note.refused': 'Su navegador no permite que este sitio le envíe notificaciones. Puede cambiarlo en los ajustes del navegador.',
  'note.close': 'Cerrar',
  'ready.title': 'Su respuesta está lista',
  'settings.title': 'Ajustes',
  'settings.lead': 'Valen para este navegador en este dispositivo.',
  'look.title': 'Idioma y colores',
  'offline.title': 'Leer sin conexión',
  'offline.switch': 'Guardar mis conversaciones en este dispositivo',
  'offline.about':
    'Las que abra y las 30 más recientes, como máximo 200 y 50 megabytes. Quien use este navegador podría encontrarlas aquí. Desaparecen al cerrar la sesión, al borrar lo suyo o al desactivar esto.',
  'offline.kept': {
    one: 'Aquí se guarda {count} conversación, {size}.',
    many: 'Aquí se guardan {count} de conversaciones, {size}.',
    other: 'Aquí se guardan {count} conversaciones, {size}.',
  },
  'offline.none': 'Aquí no se guarda ninguna conversación.',
  'offline.megabytes': '{number} MB',
  'offline.unable': 'Este navegador no guarda nada para este sitio.',
  'notify.title': 'Notificaciones',
  'notify.switch': 'Avisarme cuando esté lista una respuesta que ha tardado',
  'notify.about': 'Solo mientras esta página esté abierta y usted mire otra cosa. La respuesta en sí no se muestra nunca.',
  'notify.aboutPush':
    'También cuando esta página está cerrada. El fabricante de su navegador transmite el aviso y sabe que algo está listo, pero no qué. La respuesta en sí no se muestra nunca.',
  'notify.names': 'Mostrar el nombre de la conversación',
  'notify.namesAbout': 'Otras personas podrían verlo en la pantalla bloqueada.',
  'notify.denied': 'Su navegador no permite que este sitio le envíe notificaciones. Puede cambiarlo en los ajustes del navegador.',
  'notify.unable': 'Este navegador no puede enviarle notificaciones de este sitio: hace falta HTTPS, o esta página como aplicación instalada.',
  'install.title': 'Como aplicación',
  'install.action': 'Instalar',
  'install.about': 'Esta página puede ser una aplicación propia en este dispositivo, sin más permisos que los que ya tiene.',
  'install.how': 'En el menú de su navegador está «Instalar» o «Añadir a la pantalla de inicio».',
  'install.done': 'Esta es la aplicación instalada.',
  'about.title': 'Este sitio',
  'about.version': 'Versión {version}',
};
