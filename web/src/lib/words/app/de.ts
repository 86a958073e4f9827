/** German words of the page as an app. */
import type { Entry } from '../entry';
import type { words as en } from './en';

export const words: Record<keyof typeof en, Entry> = {
  'note.label': 'Hinweise der Website',
  'note.offline':
    'Es besteht keine Verbindung zur Website. Was auf diesem Gerät gespeichert ist, können Sie lesen. Eine Frage bleibt stehen, wo Sie sie schreiben, und kann gesendet werden, sobald die Website wieder erreichbar ist.',
  'note.offlineNothing':
    'Es besteht keine Verbindung zur Website, und auf diesem Gerät sind keine Gespräche gespeichert. Eine Frage bleibt stehen, wo Sie sie schreiben, und kann gesendet werden, sobald die Website wieder erreichbar ist.',
  'note.back': 'Die Website ist wieder erreichbar.',
  'note.newer': 'Eine neue Version dieser Seite ist bereit. Beim Laden geht nichts verloren.',
  'note.reload': 'Laden',
  'note.offer': 'Das dauert eine Weile. Sie können inzwischen etwas anderes tun.',
  'note.tell': 'Benachrichtigen, wenn sie fertig ist',
  'note.willTell': 'Sie werden benachrichtigt, wenn die Antwort fertig ist. Sie können sich etwas anderes ansehen; lassen Sie diese Seite offen.',
  'note.willPush': 'Sie werden benachrichtigt, wenn die Antwort fertig ist. Sie können diese Seite schließen.',
  'note.refused': 'Ihr Browser erlaubt dieser Website keine Benachrichtigungen. Das lässt sich in seinen Einstellungen ändern.',
  'note.close': 'Schließen',
  'ready.title': 'Ihre Antwort ist fertig',
  'settings.title': 'Einstellungen',
  'settings.lead': 'Sie gelten für diesen Browser auf diesem Gerät.',
  'look.title': 'Sprache und Farben',
  'offline.title': 'Offline lesen',
  'offline.switch': 'Meine Gespräche auf diesem Gerät speichern',
  'offline.about':
    'Die Gespräche, die Sie öffnen, und die neuesten 30, höchstens 200 und 50 Megabyte. Wer diesen Browser benutzt, könnte sie hier finden. Wenn Sie sich abmelden, Ihre Daten löschen oder dies ausschalten, werden sie entfernt.',
  'offline.kept': {
    one: '{count} Gespräch ist hier gespeichert, {size}.',
    other: '{count} Gespräche sind hier gespeichert, {size}.',
  },
  'offline.none': 'Hier ist kein Gespräch gespeichert.',
  'offline.megabytes': '{number} MB',
  'offline.unable': 'Dieser Browser speichert nichts für diese Website.',
  'notify.title': 'Benachrichtigungen',
  'notify.switch': 'Benachrichtigen, wenn eine Antwort fertig ist, die länger gedauert hat',
  'notify.about': 'Nur solange diese Seite offen ist und Sie sich etwas anderes ansehen. Die Antwort selbst wird nie angezeigt.',
  'notify.aboutPush':
    'Auch wenn diese Seite geschlossen ist. Der Hersteller Ihres Browsers leitet die Nachricht weiter und erfährt dabei, dass etwas fertig ist, aber nicht, was. Die Antwort selbst wird nie angezeigt.',
  'notify.names': 'Namen des Gesprächs anzeigen',
  'notify.namesAbout': 'Andere könnten ihn auf dem Sperrbildschirm sehen.',
  'notify.denied': 'Ihr Browser erlaubt dieser Website keine Benachrichtigungen. Das lässt sich in seinen Einstellungen ändern.',
  'notify.unable': 'Dieser Browser kann Sie hier nicht benachrichtigen: Dazu braucht er HTTPS oder diese Seite als installierte App.',
  'install.title': 'Als App',
  'install.action': 'Installieren',
  'install.about': 'Diese Seite kann auf diesem Gerät eine eigene App sein, ohne zusätzliche Rechte.',
  'install.how': 'Im Menü Ihres Browsers finden Sie „Installieren“ oder „Zum Startbildschirm hinzufügen“.',
  'install.done': 'Dies ist die installierte App.',
  'about.title': 'Diese Website',
  'about.version': 'Version {version}',
};
