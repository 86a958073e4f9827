/**
 * Makes one tree of nodes like another by the fewest changes, so that what the reader selected, focused or
 * scrolled inside a block stays while the block grows. What was sealed with the same source is left alone.
 */
import { sameSeal, seal, sealOf } from './seals';

export function morph(target: Node, source: Node): void {
  const wanted = [...source.childNodes];
  const present = [...target.childNodes];
  wanted.forEach((node, index) => {
    const old = present[index];
    if (old === undefined) target.appendChild(node);
    else if (node instanceof Text && old instanceof Text) write(old, node.data);
    else if (node instanceof Element && old instanceof Element && alike(old, node)) become(old, node);
    else target.replaceChild(node, old);
  });
  for (const extra of present.slice(wanted.length)) target.removeChild(extra);
}

/** Elements of the same name; a drawn formula is not made into another one. */
function alike(old: Element, wanted: Element): boolean {
  if (old.nodeName !== wanted.nodeName) return false;
  return sameSeal(old, wanted) || (sealOf(old) === undefined && sealOf(wanted)?.kind !== 'maths');
}

function become(old: Element, wanted: Element): void {
  if (sameSeal(old, wanted)) return;
  const ended = sealOf(wanted);
  if (ended !== undefined) seal(old, ended);
  copyAttributes(old, wanted);
  // Code that grew is in more pieces than code that is read at once.
  if (old.nodeName === 'CODE' && old.textContent === wanted.textContent) return;
  morph(old, wanted);
}

function write(node: Text, text: string): void {
  if (node.data === text) return;
  if (text.startsWith(node.data)) node.appendData(text.slice(node.data.length));
  else node.data = text;
}

function copyAttributes(target: Element, source: Element): void {
  for (const { name } of [...target.attributes]) if (!source.hasAttribute(name)) target.removeAttribute(name);
  for (const { name, value } of source.attributes) {
    if (target.getAttribute(name) !== value) target.setAttribute(name, value);
  }
}
