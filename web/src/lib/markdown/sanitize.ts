/** The last gate before the page: a strict list of tags and attributes, whatever made the HTML. */
import DOMPurify from 'dompurify';

const TAGS = [
  ...['p', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol', 'li', 'blockquote', 'hr', 'pre', 'code', 'div', 'span', 'button'],
  ...['table', 'thead', 'tbody', 'tr', 'th', 'td', 'a', 'strong', 'em', 'del', 'br', 'bdi'],
];
const ATTRIBUTES = ['class', 'href', 'title', 'target', 'rel', 'start', 'dir', 'tabindex', 'type'];

export function sanitize(html: string): DocumentFragment {
  return DOMPurify.sanitize(html, {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ATTRIBUTES,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    ALLOWED_URI_REGEXP: /^(?:https?:\/\/|mailto:)/i,
    // The list above decides about these attributes; they hold no address.
    ADD_URI_SAFE_ATTR: ['target', 'rel', 'start', 'dir', 'tabindex', 'type', 'class'],
    SANITIZE_DOM: true,
    RETURN_DOM_FRAGMENT: true,
  });
}
