/** Where a formula begins and ends in Markdown, and what is only money. Knows nothing of how one is drawn. */
import type { TokenizerAndRendererExtension, Tokens } from 'marked';

export type MathsToken = Tokens.Generic & { type: 'maths'; tex: string; display: boolean };

// Bounds of what is looked through for an end: a longer formula stays text.
const INLINE = 1500;
const BLOCK = 6000;
const AHEAD = 500;

const BLOCK_DOLLARS = new RegExp(`^ {0,3}\\$\\$((?:(?!\\n[ \\t]*\\n)(?:\\\\[^]|[^\\\\$])){1,${BLOCK}})\\$\\$[ \\t]*(?:\\n|$)`);
const BLOCK_BRACKET = new RegExp(`^ {0,3}\\\\\\[((?:(?!\\n[ \\t]*\\n|\\\\[[\\]])[^]){1,${BLOCK}})\\\\\\][ \\t]*(?:\\n|$)`);
const INLINE_DOLLARS = new RegExp(`^\\$\\$((?:(?!\\n[ \\t]*\\n)(?:\\\\[^]|[^\\\\$])){1,${INLINE}})\\$\\$`);
const INLINE_BRACKET = new RegExp(`^\\\\([([])((?:(?!\\n[ \\t]*\\n|\\\\[()[\\]])[^]){1,${INLINE}})\\\\([)\\]])`);
const INLINE_DOLLAR = new RegExp(`^\\$(?![\\s$])((?:\\\\[^\\n]|[^\\\\$\`\\n]|\\n(?![ \\t]*\\n)){1,${INLINE}})\\$(?!\\$)`);
const ENDINGS = /^(?:th|st|nd|rd|s|-?[a-z]+ly)\b/;

/** "$5 and $10" is money: a closing sign stands close to its formula, and no number or word follows it. */
function isFormula(tex: string, before: string, after: string): boolean {
  if (/\s$/.test(tex) || /[\w$\\]$/.test(before)) return false;
  if (/^[A-Za-z0-9]/.test(after) && !ENDINGS.test(after)) return false;
  // "$5 million to the bank$": an amount, then words, and no sign of mathematics.
  return !(/^\d/.test(tex) && /[A-Za-z]{3,}/.test(tex) && !/[\\^_={}+*<>]/.test(tex));
}

const token = (raw: string, tex: string, display: boolean): MathsToken => ({ type: 'maths', raw, tex, display });

const inline: TokenizerAndRendererExtension = {
  name: 'maths',
  level: 'inline',
  // The lexer asks again after each piece of text: no more of it is looked through than is soon read.
  start: (src) => {
    const at = src.slice(0, AHEAD).search(/\$|\\[([]/);
    return at < 0 && src.length > AHEAD ? AHEAD : at < 0 ? undefined : at;
  },
  tokenizer(src, tokens) {
    const first = src.charAt(0);
    if (first !== '$' && first !== '\\') return undefined;
    const bracket = INLINE_BRACKET.exec(src);
    if (bracket?.[2] !== undefined) {
      const fits = bracket[1] === '(' ? bracket[3] === ')' : bracket[3] === ']';
      return fits && bracket[2].trim() !== '' ? token(bracket[0], bracket[2], bracket[1] === '[') : undefined;
    }
    const dollars = INLINE_DOLLARS.exec(src);
    if (dollars?.[1]?.trim()) return token(dollars[0], dollars[1], true);
    const dollar = INLINE_DOLLAR.exec(src);
    if (dollar?.[1] === undefined) return undefined;
    const before = tokens.at(-1)?.raw.slice(-1) ?? '';
    return isFormula(dollar[1], before, src.slice(dollar[0].length, dollar[0].length + 24)) ? token(dollar[0], dollar[1], false) : undefined;
  },
};

const block: TokenizerAndRendererExtension = {
  name: 'mathsBlock',
  level: 'block',
  // Within the paragraph that is being read.
  start: (src) => {
    const found = /\n(?: {0,3}(\$\$|\\\[)|[ \t]*\n)/.exec(src);
    return found?.[1] === undefined ? undefined : found.index + 1;
  },
  tokenizer(src) {
    if (!/^ {0,3}(?:\$\$|\\\[)/.test(src)) return undefined;
    const found = BLOCK_DOLLARS.exec(src) ?? BLOCK_BRACKET.exec(src);
    return found?.[1]?.trim() ? token(found[0], found[1], true) : undefined;
  },
};

// What `marked.use` would make of them, for a lexer of our own.
export const extensions = {
  inline: [inline.tokenizer],
  block: [block.tokenizer],
  startInline: [inline.start],
  startBlock: [block.start],
  renderers: {},
  childTokens: {},
};

const FORMULAS = new RegExp(
  `\\$\\$[^$]{1,${INLINE}}\\$\\$|\\$(?![\\s$])([^$\`]{1,${INLINE}})\\$(?!\\$)|\\\\\\([^]{1,${INLINE}}?\\\\\\)|\\\\\\[[^]{1,${INLINE}}?\\\\\\]`,
  'g',
);

/** The same text, as long, where no star or line of a formula can open or close emphasis. */
export function masked(text: string): string {
  if (!/\$|\\[([]/.test(text)) return text;
  return text.replace(FORMULAS, (formula: string, tex: string | undefined, at: number) => {
    const end = at + formula.length;
    const money = tex !== undefined && !isFormula(tex, text.charAt(at - 1), text.slice(end, end + 24));
    return money ? formula : 'a'.repeat(formula.length);
  });
}

/** Where a formula begins that has not ended: its first lines may look like anything else. -1 where there is none. */
export function openFormula(text: string): number {
  const begins = /(?:^|\n) {0,3}(\$\$|\\\[)/g;
  for (let found = begins.exec(text); found !== null; found = begins.exec(text)) {
    const end = text.indexOf(found[1] === '$$' ? '$$' : '\\]', begins.lastIndex);
    const rest = end < 0 ? text.slice(begins.lastIndex) : text.slice(begins.lastIndex, end);
    const blank = /\n[ \t]*\n/.test(rest);
    if (end < 0) return blank || rest.length > BLOCK ? -1 : text.startsWith('\n', found.index) ? found.index + 1 : found.index;
    if (!blank) begins.lastIndex = end + 2;
  }
  return -1;
}
