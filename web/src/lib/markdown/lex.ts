/** Text -> tokens of Markdown. Raw HTML is text like any other. */
import { Lexer, Tokenizer, type MarkedOptions, type Token, type Tokens } from 'marked';
import { extensions, masked } from './maths';

// A heading that is underlined is no longer than this: marked looks for its line up to the end of the
// paragraph, and within an item of a list again from each line on.
const LONGEST_UNDERLINED = 2000;

class PlainTokenizer extends Tokenizer {
  override html(): undefined {}
  override tag(): undefined {}

  override lheading(src: string): Tokens.Heading | undefined {
    const near = src.length <= LONGEST_UNDERLINED ? src : src.slice(0, src.lastIndexOf('\n', LONGEST_UNDERLINED) + 1);
    return near === '' ? undefined : super.lheading(near);
  }
}

export type Links = Record<string, Pick<Tokens.Link | Tokens.Image, 'href' | 'title'>>;

/** Without what every object has: "[constructor]" is no definition. */
export const noLinks = (): Links => Object.create(null) as Links;

// `marked.use` would make these of the extensions; a lexer of our own takes them as they are.
const OPTIONS = { gfm: true, breaks: false, extensions, hooks: { emStrongMask: masked } } as unknown as MarkedOptions;

/** Blocks of a text. `links` are definitions met earlier; new ones are added to it. Nested too deep: as it was written. */
export function lex(text: string, links: Links): Token[] {
  const lexer = new Lexer({ ...OPTIONS, tokenizer: new PlainTokenizer() });
  lexer.tokens.links = links;
  try {
    return lexer.lex(text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return [{ type: 'text', raw: text, text }];
  }
}

const FENCE = /^(`{3,}|~{3,})/;

/** A piece of code whose end was written. Code by indentation has none of its own. */
export function isClosed(token: Token): boolean {
  if (token.type !== 'code' || (token as Tokens.Code).codeBlockStyle === 'indented') return false;
  const raw = token.raw.trimEnd();
  const fence = FENCE.exec(raw.trimStart())?.[1];
  if (fence === undefined) return false;
  const last = raw.lastIndexOf('\n');
  return last > 0 && closes(fence).test(raw.slice(last + 1));
}

/** The line that ends code begun by `fence`, as the lexer sees it. */
export const closes = (fence: string): RegExp => new RegExp(`^ {0,3}${fence}[~\`]* *$`);

/** The fence of code at the margin that has begun, its first line complete, and not ended. */
export function openFence(token: Token | undefined): string | null {
  if (token?.type !== 'code' || !token.raw.includes('\n') || isClosed(token)) return null;
  return FENCE.exec(token.raw)?.[1] ?? null;
}
