/**
 * Tokens of Markdown -> HTML, with everything from the model escaped. The only tags are the ones written
 * here; raw HTML in the text is text. sanitize.ts checks the result once more.
 */
import { Lexer, Tokenizer, type MarkedOptions, type Token, type Tokens } from 'marked';
import { safeLink } from './links';

/** The few words that appear inside rendered Markdown, in the reader's language. */
export type Labels = { copy: string; image: string; code: string };

class PlainTokenizer extends Tokenizer {
  override html(): undefined {}
  override tag(): undefined {}
}

const OPTIONS: MarkedOptions = { gfm: true, breaks: false };

export type Links = Record<string, Pick<Tokens.Link | Tokens.Image, 'href' | 'title'>>;

/** Blocks of a text. `links` are definitions met earlier; new ones are added to it. */
export function lex(text: string, links: Links): Token[] {
  const lexer = new Lexer({ ...OPTIONS, tokenizer: new PlainTokenizer() });
  lexer.tokens.links = links;
  return lexer.lex(text);
}

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
export const escape = (text: string): string => text.replace(/[&<>"']/g, (sign) => ESCAPES[sign] ?? '');

// Signs that turn the writing direction around, and could disguise what follows.
const TURNS = /[\u202a-\u202e\u2066-\u2069]/;

/** Text; a run with direction signs is shut off, so that they cannot reach beyond it. */
const plain = (text: string): string => (TURNS.test(text) ? `<bdi>${escape(text)}</bdi>` : escape(text));

/** The tokenizer leaves entities as written; a reader wants the sign. */
const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };
const decode = (text: string): string =>
  text.replace(/&(#\d{1,7}|#x[\da-f]{1,6}|[a-z]{2,5});/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return ENTITIES[name.toLowerCase()] ?? whole;
    const point = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    const shown = point > 31 && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
    return shown ? String.fromCodePoint(point) : whole;
  });

const nest = (tokens: Token[] | undefined, labels: Labels): string =>
  (tokens ?? []).map((token) => inline(token, labels)).join('');

function anchor(href: string, inner: string, className: string): string {
  const attributes = 'target="_blank" rel="noopener noreferrer nofollow ugc"';
  return `<a class="${className}" href="${escape(href)}" title="${escape(href)}" ${attributes}>${inner}</a>`;
}

function image(token: Tokens.Image, labels: Labels): string {
  const link = safeLink(token.href);
  const name = plain(`${labels.image}: ${decode(token.text)}`.replace(/: $/, ''));
  if (link === null) return `<span class="picture">${name}</span>`;
  return anchor(link.href, `${name} <span class="host">(${escape(link.host)})</span>`, 'picture');
}

function inline(token: Token, labels: Labels): string {
  switch (token.type) {
    case 'strong':
    case 'em':
    case 'del':
      return `<${token.type}>${nest(token.tokens, labels)}</${token.type}>`;
    case 'codespan':
      return `<code>${plain((token as Tokens.Codespan).text)}</code>`;
    case 'br':
      return '<br>';
    case 'link': {
      const link = safeLink((token as Tokens.Link).href);
      const inner = nest(token.tokens, labels);
      return link === null ? inner : anchor(link.href, inner, 'link');
    }
    case 'image':
      return image(token as Tokens.Image, labels);
    case 'checkbox':
      return (token as Tokens.Checkbox).checked ? '\u2611 ' : '\u2610 ';
    case 'text':
      return token.tokens ? nest(token.tokens, labels) : plain(decode((token as Tokens.Text).text));
    case 'escape':
      return plain((token as Tokens.Escape).text);
    default:
      return plain(token.raw);
  }
}

function code(token: Tokens.Code, labels: Labels): string {
  const language = (token.lang ?? '').trim().split(/\s+/)[0] ?? '';
  const shown = language === '' ? labels.code : language.slice(0, 30);
  return (
    `<div class="code"><div class="code-bar"><span>${plain(shown)}</span>` +
    `<button type="button" class="copy">${escape(labels.copy)}</button></div>` +
    `<pre dir="ltr" tabindex="0"><code>${escape(token.text)}</code></pre></div>`
  );
}

function table(token: Tokens.Table, labels: Labels): string {
  const row = (cells: Tokens.TableCell[], tag: 'th' | 'td'): string =>
    `<tr>${cells.map((cell) => `<${tag}${cell.align ? ` class="to-${cell.align}"` : ''}>${nest(cell.tokens, labels)}</${tag}>`).join('')}</tr>`;
  const body = token.rows.map((cells) => row(cells, 'td')).join('');
  return `<div class="table" tabindex="0"><table><thead>${row(token.header, 'th')}</thead><tbody>${body}</tbody></table></div>`;
}

function list(token: Tokens.List, labels: Labels): string {
  const items = token.items.map((item) => `<li>${blocks(item.tokens, labels)}</li>`).join('');
  if (!token.ordered) return `<ul>${items}</ul>`;
  const start = Number(token.start);
  return `<ol${Number.isSafeInteger(start) && start !== 1 ? ` start="${start}"` : ''}>${items}</ol>`;
}

export function block(token: Token, labels: Labels): string {
  switch (token.type) {
    case 'paragraph':
      return `<p>${nest(token.tokens, labels)}</p>`;
    case 'heading': {
      // The page's own headings come first: a model's "#" starts at the third level.
      const level = Math.min(6, (token as Tokens.Heading).depth + 2);
      return `<h${level}>${nest(token.tokens, labels)}</h${level}>`;
    }
    case 'code':
      return code(token as Tokens.Code, labels);
    case 'list':
      return list(token as Tokens.List, labels);
    case 'table':
      return table(token as Tokens.Table, labels);
    case 'blockquote':
      return `<blockquote>${blocks(token.tokens ?? [], labels)}</blockquote>`;
    case 'hr':
      return '<hr>';
    case 'space':
    case 'def':
      return '';
    default:
      return inline(token, labels);
  }
}

function blocks(tokens: Token[], labels: Labels): string {
  return tokens.map((token) => block(token, labels)).join('');
}
