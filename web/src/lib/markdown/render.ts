/** Tokens of Markdown -> nodes. A heading, list or link comes to be only here; everything of the model's own is text. */
import type { Token, Tokens } from 'marked';
import { element, type Child } from './dom';
import { isClosed } from './lex';
import { safeLink } from './links';
import type { MathsToken } from './maths';
import { seal } from './seals';
import { code as codeText, decode, prose } from './signs';

/** The few words that appear inside rendered Markdown, in the reader's language. */
export type Labels = { copy: string; image: string; code: string };

export class Renderer {
  readonly #labels: Labels;
  /** What is still being written is not sealed, unless its own end is there. */
  readonly #writing: boolean;

  constructor(labels: Labels, writing: boolean) {
    this.#labels = labels;
    this.#writing = writing;
  }

  block(token: Token): Child[] {
    switch (token.type) {
      case 'paragraph':
        return [element('p', {}, this.#nest(token.tokens))];
      case 'heading': {
        // The page's own headings come first: a model's "#" starts at the third level.
        const level = Math.min(6, (token as Tokens.Heading).depth + 2) as 3 | 4 | 5 | 6;
        return [element(`h${level}`, {}, this.#nest(token.tokens))];
      }
      case 'code':
        return [this.#code(token as Tokens.Code)];
      case 'list':
        return [this.#list(token as Tokens.List)];
      case 'table':
        return [this.#table(token as Tokens.Table)];
      case 'blockquote':
        return [element('blockquote', {}, this.blocks(token.tokens ?? []))];
      case 'hr':
        return [element('hr', {})];
      case 'maths':
        return [element('p', {}, this.#maths(token as MathsToken))];
      case 'space':
      case 'def':
        return [];
      default:
        return this.#inline(token);
    }
  }

  blocks(tokens: Token[]): Child[] {
    return tokens.flatMap((token) => this.block(token));
  }

  #nest(tokens: Token[] | undefined): Child[] {
    return joined((tokens ?? []).flatMap((token) => this.#inline(token)));
  }

  #inline(token: Token): Child[] {
    switch (token.type) {
      case 'strong':
      case 'em':
      case 'del':
        return [element(token.type, {}, this.#nest(token.tokens))];
      case 'codespan':
        return [element('code', {}, codeText((token as Tokens.Codespan).text))];
      case 'br':
        return [element('br', {})];
      case 'link': {
        const link = safeLink((token as Tokens.Link).href);
        const inner = this.#nest(token.tokens);
        return link === null ? inner : [anchor(link.href, inner, 'link')];
      }
      case 'image':
        return [this.#image(token as Tokens.Image)];
      case 'checkbox':
        return [(token as Tokens.Checkbox).checked ? '\u2611 ' : '\u2610 '];
      case 'text':
        return token.tokens ? this.#nest(token.tokens) : prose(decode((token as Tokens.Text).text));
      case 'escape':
        return prose((token as Tokens.Escape).text);
      case 'maths':
        return this.#maths(token as MathsToken);
      default:
        return prose(token.raw);
    }
  }

  /** Its source, until it is drawn (lib/rich); for good where it cannot be. */
  #maths({ raw, tex, display }: MathsToken): Child[] {
    const source = raw.trim();
    const shown = element('span', { class: display ? 'maths display' : 'maths', dir: 'ltr' }, codeText(source));
    return [seal(shown, { kind: 'maths', source, tex, display })];
  }

  #image(token: Tokens.Image): HTMLElement {
    const link = safeLink(token.href);
    const name = prose(`${this.#labels.image}: ${decode(token.text)}`.replace(/: $/, ''));
    if (link === null) return element('span', { class: 'picture' }, name);
    return anchor(link.href, [...name, ' ', element('span', { class: 'host' }, [`(${link.host})`])], 'picture');
  }

  #code(token: Tokens.Code): HTMLElement {
    const language = (token.lang ?? '').trim().split(/\s+/)[0] ?? '';
    const shown = language === '' ? this.#labels.code : language.slice(0, 30);
    const text = element('pre', { dir: 'ltr', tabindex: 0 }, [element('code', {}, codeText(token.text))]);
    const button = element('button', { type: 'button', class: 'copy' }, [this.#labels.copy]);
    const bar = element('div', { class: 'code-bar' }, [element('span', { class: 'language' }, prose(shown)), button]);
    const whole = element('div', { class: 'code' }, [bar, text]);
    return this.#writing && !isClosed(token) ? whole : seal(whole, { kind: 'code', source: token.text, language });
  }

  #table(token: Tokens.Table): HTMLElement {
    const row = (cells: Tokens.TableCell[], tag: 'th' | 'td'): HTMLElement =>
      element('tr', {}, cells.map((cell) => this.#cell(cell, tag)));
    const head = element('thead', {}, [row(token.header, 'th')]);
    const body = element('tbody', {}, token.rows.map((cells) => row(cells, 'td')));
    return element('div', { class: 'table', tabindex: 0 }, [element('table', {}, [head, body])]);
  }

  #cell(cell: Tokens.TableCell, tag: 'th' | 'td'): HTMLElement {
    const attributes = tag === 'th' ? ({ scope: 'col' } as const) : {};
    return element(tag, { ...attributes, class: cell.align ? `to-${cell.align}` : undefined }, this.#nest(cell.tokens));
  }

  #list(token: Tokens.List): HTMLElement {
    const items = token.items.map((item) => element('li', { class: item.task ? 'task' : undefined }, this.#item(item)));
    if (!token.ordered) return element('ul', {}, items);
    const start = Number(token.start);
    return element('ol', { start: Number.isSafeInteger(start) && start !== 1 ? start : undefined }, items);
  }

  /** The sign of a task that stands alone in its item joins what follows it. */
  #item(item: Tokens.ListItem): Child[] {
    const [first, ...rest] = item.tokens;
    if (!item.task || first?.type !== 'paragraph' || first.tokens?.[0]?.type !== 'checkbox' || first.tokens.length > 1) return this.blocks(item.tokens);
    return joined([...this.#nest(first.tokens), ...this.blocks(rest)]);
  }
}

function anchor(href: string, inner: Child[], className: string): HTMLElement {
  return element('a', { class: className, href, title: href, target: '_blank', rel: 'noopener noreferrer nofollow ugc' }, inner);
}

/** Neighbouring texts as one node: a text that grows then stays the same node. */
function joined(nodes: Child[]): Child[] {
  const found: Child[] = [];
  for (const node of nodes) {
    const last = found.at(-1);
    if (typeof node === 'string' && typeof last === 'string') found[found.length - 1] = last + node;
    else found.push(node);
  }
  return found;
}
