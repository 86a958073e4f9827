/** Polish, of what concerns the page as an app. */
import type { Entry } from '../entry';
import type { words as en } from './en';

export const words: Record<keyof typeof en, Entry> = {
  'note.label': 'Komunikat serwisu',
  'note.offline':
    'Brak połączenia z serwisem. To, co jest zachowane na tym urządzeniu, można czytać. Pytanie pozostaje tam, gdzie je piszesz, i można je wysłać, gdy połączenie wróci.',
  'note.offlineNothing':
    'Brak połączenia z serwisem, a na tym urządzeniu nie ma zachowanych rozmów. Pytanie pozostaje tam, gdzie je piszesz, i można je wysłać, gdy połączenie wróci.',
  'note.back': 'Połączenie z serwisem wróciło.',
  'note.newer': 'Nowa wersja tej strony jest gotowa. Wczytanie jej niczego nie usuwa.',
  'note.reload': 'Wczytaj',
  'note.offer': 'To trochę potrwa. Można w tym czasie zająć się czymś innym.',
  'note.tell': 'Powiadom, gdy będzie gotowa',
  'note.willTell': 'Gdy odpowiedź będzie gotowa, przyjdzie powiadomienie. Można zająć się czymś innym; zostaw tę stronę otwartą.',
  'note.willPush': 'Gdy odpowiedź będzie gotowa, przyjdzie powiadomienie. Możesz zamknąć tę stronę.',
  'note.refused': 'Przeglądarka nie pozwala temu serwisowi na powiadomienia. Można to zmienić w jej ustawieniach.',
  'note.close': 'Zamknij',
  'ready.title': 'Odpowiedź jest gotowa',
  'settings.title': 'Ustawienia',
  'settings.lead': 'Dotyczą tej przeglądarki na tym urządzeniu.',
  'look.title': 'Język i kolory',
  'offline.title': 'Czytanie bez połączenia',
  'offline.switch': 'Przechowuj moje rozmowy na tym urządzeniu',
  'offline.about':
    'Te, które otwierasz, i 30 najnowszych; łącznie najwyżej 200 rozmów i 50 megabajtów. Każdy, kto używa tej przeglądarki, mógłby je tu znaleźć. Znikają stąd po wylogowaniu, usunięciu twoich danych lub wyłączeniu tej opcji.',
  'offline.kept': {
    one: 'Na urządzeniu jest {count} rozmowa, {size}.',
    few: 'Na urządzeniu są {count} rozmowy, {size}.',
    many: 'Na urządzeniu jest {count} rozmów, {size}.',
    other: 'Na urządzeniu jest {count} rozmowy, {size}.',
  },
  'offline.none': 'Na urządzeniu nie ma żadnej rozmowy.',
  'offline.megabytes': '{number} MB',
  'offline.unable': 'Ta przeglądarka niczego nie przechowuje dla tego serwisu.',
  'notify.title': 'Powiadomienia',
  'notify.switch': 'Powiadamiaj, gdy gotowa jest odpowiedź, która trwała dłużej',
  'notify.about': 'Tylko gdy ta strona jest otwarta, a oglądasz co innego. Sama odpowiedź nigdy nie jest pokazywana.',
  'notify.aboutPush':
    'Także gdy ta strona jest zamknięta. Powiadomienie przekazuje producent przeglądarki; dowiaduje się, że coś jest gotowe, ale nie co. Sama odpowiedź nigdy nie jest pokazywana.',
  'notify.names': 'Pokazuj nazwę rozmowy',
  'notify.namesAbout': 'Inni mogą ją zobaczyć na zablokowanym ekranie.',
  'notify.denied': 'Przeglądarka nie pozwala temu serwisowi na powiadomienia. Można to zmienić w jej ustawieniach.',
  'notify.unable': 'Ta przeglądarka nie może pokazywać powiadomień z tego serwisu: potrzebny jest HTTPS albo ta strona jako zainstalowana aplikacja.',
  'install.title': 'Jako aplikacja',
  'install.action': 'Zainstaluj',
  'install.about': 'Ta strona może być na tym urządzeniu osobną aplikacją, która nie robi nic ponad to, co teraz.',
  'install.how': 'W menu przeglądarki jest pozycja „Zainstaluj” lub „Dodaj do ekranu głównego”.',
  'install.done': 'To jest zainstalowana aplikacja.',
  'about.title': 'O serwisie',
  'about.version': 'Wersja {version}',
};
