/** What concerns the page as an app: settings of the device, being offline, notifications, new versions. */
import type { Entry } from '../entry';

export const words = {
  'note.label': 'From the site',
  'note.offline':
    'There is no connection to the site. What is kept on this device can be read. A question stays where you write it, and can be sent when the site is reached again.',
  'note.offlineNothing':
    'There is no connection to the site, and this device keeps no conversations. A question stays where you write it, and can be sent when the site is reached again.',
  'note.back': 'The site is reached again.',
  'note.newer': 'A new version of this page is ready. Nothing is lost when you load it.',
  'note.reload': 'Load it',
  'note.offer': 'This takes a while. You may do something else meanwhile.',
  'note.tell': 'Tell me when it is ready',
  'note.willTell': 'You will be told when the answer is ready. You may look at something else; leave this page open.',
  'note.willPush': 'You will be told when the answer is ready. You may close this page.',
  'note.refused': 'Your browser does not let this site notify you. Its own settings can change that.',
  'note.close': 'Close',
  'ready.title': 'Your answer is ready',
  'settings.title': 'Settings',
  'settings.lead': 'They hold for this browser on this device.',
  'look.title': 'Language and colours',
  'offline.title': 'Reading offline',
  'offline.switch': 'Keep my conversations on this device',
  'offline.about':
    'Those that you open and the newest 30, at most 200 and 50 megabytes. Whoever uses this browser could find them here. Signing out, erasing what is yours, or switching this off takes them away.',
  'offline.kept': {
    one: '{count} conversation is kept here, {size}.',
    other: '{count} conversations are kept here, {size}.',
  },
  'offline.none': 'No conversation is kept here.',
  'offline.megabytes': '{number} MB',
  'offline.unable': 'This browser keeps nothing for this site.',
  'notify.title': 'Notifications',
  'notify.switch': 'Tell me when an answer is ready that took a while',
  'notify.about': 'Only while this page is open and you look at something else. The answer itself is never shown.',
  'notify.aboutPush':
    'Also when this page is closed. The maker of your browser passes it on, and learns that something is ready, not what. The answer itself is never shown.',
  'notify.names': 'Show the name of the conversation',
  'notify.namesAbout': 'Others may see it on a locked screen.',
  'notify.denied': 'Your browser does not let this site notify you. Its own settings can change that.',
  'notify.unable': 'This browser cannot notify you of this site: it needs HTTPS, or this page as an installed app.',
  'install.title': 'As an app',
  'install.action': 'Install',
  'install.about': 'This page can be an app of its own on this device, with nothing more than it has now.',
  'install.how': 'Your browser’s menu has “Install” or “Add to home screen”.',
  'install.done': 'This is the installed app.',
  'about.title': 'This site',
  'about.version': 'Version {version}',
} as const satisfies Record<string, Entry>;
