/** Portuguese, of what concerns the page as an app. */
import type { Entry } from '../entry';
import type { words as en } from './en';

export const words: Record<keyof typeof en, Entry> = {
  'note.label': 'Avisos do site',
  'note.offline':
    'Não há conexão com o site. O que está guardado neste dispositivo pode ser lido. A pergunta fica onde a escreveu e pode ser enviada quando a conexão voltar.',
  'note.offlineNothing':
    'Não há conexão com o site, e este dispositivo não guarda conversas. A pergunta fica onde a escreveu e pode ser enviada quando a conexão voltar.',
  'note.back': 'A conexão com o site voltou.',
  'note.newer': 'Há uma nova versão desta página. Nada se perde ao carregá-la.',
  'note.reload': 'Carregar',
  'note.offer': 'Isto leva algum tempo. Entretanto, pode fazer outra coisa.',
  'note.tell': 'Avisar quando estiver pronta',
  'note.willTell': 'Haverá um aviso quando a resposta estiver pronta. Pode ver outra coisa; deixe esta página aberta.',
  'note.willPush': 'Haverá um aviso quando a resposta estiver pronta. Pode fechar esta página.',
  'note.refused': 'O seu navegador não deixa este site enviar notificações. Isso pode ser mudado nas definições do navegador.',
  'note.close': 'Fechar',
  'ready.title': 'A sua resposta está pronta',
  'settings.title': 'Definições',
  'settings.lead': 'Valem para este navegador neste dispositivo.',
  'look.title': 'Idioma e cores',
  'offline.title': 'Ler sem conexão',
  'offline.switch': 'Guardar as minhas conversas neste dispositivo',
  'offline.about':
    'As que abrir e as 30 mais recentes, no máximo 200 conversas e 50 megabytes. Quem usar este navegador poderia encontrá-las aqui. Saem daqui ao terminar a sessão, ao apagar o que é seu ou ao desligar esta opção.',
  'offline.kept': {
    one: '{count} conversa guardada aqui, {size}.',
    many: '{count} de conversas guardadas aqui, {size}.',
    other: '{count} conversas guardadas aqui, {size}.',
  },
  'offline.none': 'Nenhuma conversa guardada aqui.',
  'offline.megabytes': '{number} MB',
  'offline.unable': 'Este navegador não guarda nada para este site.',
  'notify.title': 'Notificações',
  'notify.switch': 'Avisar quando uma resposta demorada estiver pronta',
  'notify.about': 'Só enquanto esta página está aberta e se vê outra coisa. A resposta em si nunca é mostrada.',
  'notify.aboutPush':
    'Também com esta página fechada. O aviso passa pelo fabricante do seu navegador, que fica a saber que algo está pronto, mas não o quê. A resposta em si nunca é mostrada.',
  'notify.names': 'Mostrar o nome da conversa',
  'notify.namesAbout': 'Outras pessoas podem vê-lo com o dispositivo bloqueado.',
  'notify.denied': 'O seu navegador não deixa este site enviar notificações. Isso pode ser mudado nas definições do navegador.',
  'notify.unable': 'Este navegador não pode mostrar notificações deste site: é preciso HTTPS, ou esta página instalada como aplicativo.',
  'install.title': 'Como aplicativo',
  'install.action': 'Instalar',
  'install.about': 'Esta página pode ser um aplicativo próprio neste dispositivo, sem nada além do que já tem.',
  'install.how': 'O menu do seu navegador tem “Instalar” ou “Adicionar à tela inicial”.',
  'install.done': 'Este é o aplicativo instalado.',
  'about.title': 'Este site',
  'about.version': 'Versão {version}',
};
