/** Hindi words of a thought that is read. */
import type { Entry } from '../entry';
import type { words as en } from './en';

export const words: Record<keyof typeof en, Entry> = {
  'tools': 'सोच पढ़ें',
  'steps': 'सोच के चरण',
  'loading': 'सोच लोड हो रही है…',
  'place': '{count} में से चरण {index}',
  'count': { one: '{count} चरण', other: '{count} चरण' },
  'previous': 'पिछला चरण',
  'next': 'अगला चरण',
  'goTo': 'चरण {index} पर जाएँ',
  'copyAll': 'पूरी सोच कॉपी करें',
  'copyStep': 'यह चरण कॉपी करें',
  'linkStep': 'इस चरण का लिंक कॉपी करें',
  'linked': 'लिंक कॉपी हो गया। यह केवल आपके लिए खुलेगा: बातचीत आपकी है।',
  'quoteStep': 'यह चरण अपने अगले सवाल में उद्धृत करें',
  'quoted': 'सवाल के बॉक्स में उद्धृत किया गया',
  'search': 'सोच में खोजें',
  'search.label': 'इस सोच में खोजें',
  'search.close': 'खोज बंद करें',
  'search.previous': 'पिछला नतीजा',
  'search.next': 'अगला नतीजा',
  'search.none': 'इस सोच में नहीं है',
  'search.place': '{count} में से {index}',
  'search.more': '{count} से ज़्यादा में से {index}',
  'hold': 'यहाँ थामें',
  'hold.about': 'यह पेज थमा रहेगा। जवाब लिखा जाता रहेगा।',
  'held': 'यह पेज थमा हुआ है। इस बीच जवाब लिखा जा रहा है।',
  'held.done': 'यह पेज थमा हुआ है। अब तक जवाब पूरा हो चुका है।',
  'goOn': 'आगे बढ़ें',
};
