/** In which language a text is, as far as its letters and small words tell: enough to choose a voice by. Pure. */
import type { Code } from '../words/languages';

const MOST = 4000;
const LETTERS: [RegExp, Code][] = [
  [/[\u3040-\u30ff]/g, 'ja'],
  [/\p{Script=Han}/gu, 'zh'],
  [/\p{Script=Arabic}/gu, 'ar'],
  [/\p{Script=Devanagari}/gu, 'hi'],
  [/\p{Script=Cyrillic}/gu, 'uk'],
];
// Words that are frequent in one of these languages and rare or none in the others.
const SMALL: Partial<Record<Code, string>> = {
  en: 'the and of is are that with this for was were what which you it not',
  fr: 'les des est une dans pour qui que pas sur avec sont nous vous cette mais au du',
  de: 'der die und das ist nicht ein eine mit auf sich auch den dem von wird sind wie',
  es: 'los las el es una por con para más como pero sus hay está son cuando muy del',
  it: 'il gli che è una per con non sono della nel più come anche questo dei alla',
  pt: 'os as não uma com para mais como dos das mas são você isso está ao pela um',
  pl: 'nie się jest na że to jak do przez są czy dla oraz który może po od tego',
};

/** `otherwise`: of the page. */
export function languageOf(text: string, otherwise: Code): Code {
  const begin = text.slice(0, MOST);
  const letters = begin.match(/\p{L}/gu)?.length ?? 0;
  for (const [script, code] of LETTERS) {
    const found = begin.match(script)?.length ?? 0;
    // Japanese has far fewer of its own letters than Chinese characters.
    if (found > letters * (code === 'ja' ? 0.1 : 0.4)) return code;
  }
  const said = begin.toLowerCase().match(/\p{L}+/gu) ?? [];
  const scores = (Object.entries(SMALL) as [Code, string][]).map(([code, small]) => {
    const known = new Set(small.split(' '));
    return { code, score: said.filter((word) => known.has(word)).length };
  });
  const best = scores.reduce((most, one) => (one.score > most.score ? one : most));
  const own = scores.find(({ code }) => code === otherwise)?.score ?? 0;
  return best.score >= 2 && best.score > own ? best.code : otherwise;
}
