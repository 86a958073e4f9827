/** What a grammar found in code -> nodes. Classes are the ones listed here, whatever the grammar says. */
import { element, type Child } from '../markdown/dom';
import { code } from '../markdown/signs';
import type { Part } from '../services/highlighter';

const KINDS: Record<string, string> = {
  keyword: 'word',
  built_in: 'name',
  type: 'name',
  class: 'name',
  function: 'name',
  title: 'name',
  section: 'name',
  name: 'word',
  'selector-tag': 'word',
  'selector-class': 'name',
  'selector-id': 'name',
  tag: 'plain',
  attr: 'number',
  attribute: 'number',
  property: 'number',
  variable: 'number',
  'template-variable': 'number',
  number: 'number',
  literal: 'number',
  symbol: 'number',
  bullet: 'number',
  string: 'text',
  regexp: 'text',
  char: 'text',
  addition: 'text',
  link: 'text',
  deletion: 'gone',
  comment: 'note',
  quote: 'note',
  meta: 'note',
  doctag: 'note',
};

export function spans(parts: readonly Part[]): Child[] {
  return parts.flatMap((part) => {
    if (typeof part === 'string') return code(part);
    const kind = Object.hasOwn(KINDS, part[0]) ? KINDS[part[0]] : undefined;
    const inner = spans(part[1]);
    return kind === undefined || kind === 'plain' ? inner : [element('span', { class: `code-${kind}` }, inner)];
  });
}
