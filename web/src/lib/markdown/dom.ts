/** Elements for a model's text. Tags and attributes are the ones listed here; whatever comes from the model is text. */

type Tag =
  | ('p' | 'h3' | 'h4' | 'h5' | 'h6' | 'ul' | 'ol' | 'li' | 'blockquote' | 'hr' | 'pre' | 'code' | 'div' | 'span')
  | ('table' | 'thead' | 'tbody' | 'tr' | 'th' | 'td' | 'a' | 'strong' | 'em' | 'del' | 'br' | 'bdi' | 'button');

type Attributes = {
  class?: string | undefined;
  /** Passed by `safeLink`. */
  href?: string;
  title?: string;
  target?: '_blank';
  rel?: string;
  start?: number | undefined;
  dir?: 'ltr' | 'auto';
  tabindex?: 0;
  type?: 'button';
  scope?: 'col';
};

export type Child = Node | string;

export function element(tag: Tag, attributes: Attributes, children: Iterable<Child> = []): HTMLElement {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}
