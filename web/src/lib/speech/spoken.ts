/** Markdown -> what is said of it, in pieces of a sentence or so. Code is named and not read out. Pure. */
import { Lexer, type Token, type Tokens } from 'marked';

export type Named = { code: string; formula: string; image: string };

// Voices of some browsers fall silent in the middle of a long piece.
const MOST = 220;
const BLOCK_FORMULA = /\$\$[\s\S]+?\$\$|\\\[[\s\S]+?\\\]/g;
const FORMULA = /\\\((.+?)\\\)|(?<![\\$\w])\$(?![\s$])([^$\n]*[^$\s\\])\$(?![\d$])/g;
const TAG = /<\/?[a-z!][^<>]*>/gi;
const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };
const HARD = /[\\^_{}]/;

const inlines = (tokens: Token[] | undefined, named: Named): string => (tokens ?? []).map((token) => inline(token, named)).join('');

function inline(token: Token, named: Named): string {
  switch (token.type) {
    case 'br':
      return ' ';
    case 'image':
      return `${named.image} ${(token as Tokens.Image).text}`.trim();
    case 'codespan':
    case 'escape':
      return (token as Tokens.Codespan).text;
    case 'checkbox':
      return '';
    case 'text':
      return token.tokens ? inlines(token.tokens, named) : (token as Tokens.Text).text.replace(TAG, ' ');
    default:
      return 'tokens' in token && token.tokens ? inlines(token.tokens, named) : 'text' in token ? String(token.text) : token.raw;
  }
}

function blocks(tokens: Token[], named: Named): string[] {
  return tokens.flatMap((token): string[] => {
    switch (token.type) {
      case 'space':
      case 'hr':
      case 'def':
        return [];
      case 'code':
        return [named.code];
      case 'blockquote':
        return blocks((token as Tokens.Blockquote).tokens, named);
      case 'list':
        return (token as Tokens.List).items.flatMap((item) => blocks(item.tokens, named));
      case 'table': {
        const { header, rows } = token as Tokens.Table;
        return [header, ...rows].map((row) => row.map((cell) => inlines(cell.tokens, named)).join(', '));
      }
      default:
        return [inline(token, named)];
    }
  });
}

function lexed(text: string): Token[] {
  try {
    return new Lexer({ gfm: true }).lex(text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // nested too deep to be read
    return [{ type: 'text', raw: text, text }];
  }
}

/** The blocks of an answer, each as it is said. */
export function spoken(text: string, named: Named): string[] {
  const plain = text
    .replace(BLOCK_FORMULA, ` ${named.formula} `)
    .replace(FORMULA, (_, a: string | undefined, b: string | undefined) => (HARD.test(a ?? b ?? '') ? named.formula : (a ?? b ?? '')));
  return blocks(lexed(plain), named)
    .map((block) => block.replace(/&([a-z]{2,4});/g, (whole, name: string) => ENTITIES[name] ?? whole).replace(/\s+/g, ' ').trim())
    .filter((block) => /[\p{L}\p{N}]/u.test(block));
}

/** A long one is cut between its words; one without any, wherever it must be. */
function* cut(sentence: string): Generator<string> {
  let rest = sentence;
  while (rest.length > MOST) {
    const space = rest.lastIndexOf(' ', MOST);
    const at = space > MOST / 2 ? space : MOST;
    yield rest.slice(0, at).trim();
    rest = rest.slice(at);
  }
  if (rest.trim() !== '') yield rest.trim();
}

export function spokenPieces(text: string, named: Named, language: string): string[] {
  const sentences = new Intl.Segmenter(language, { granularity: 'sentence' });
  return spoken(text, named).flatMap((block) => [...sentences.segment(block)].flatMap(({ segment }) => [...cut(segment)]));
}
