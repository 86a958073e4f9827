/**
 * Makes one tree of nodes like another by the fewest changes, so that what the reader selected, focused or
 * scrolled inside a block stays while the block grows. Takes sanitized nodes only.
 */
export function morph(target: Node, source: Node): void {
  const wanted = [...source.childNodes];
  const present = [...target.childNodes];
  wanted.forEach((node, index) => {
    const old = present[index];
    if (old === undefined) target.appendChild(node);
    else if (!alike(old, node)) target.replaceChild(node, old);
    else if (node instanceof Text) write(old as Text, node.data);
    else if (node instanceof Element) {
      copyAttributes(old as Element, node);
      morph(old, node);
    }
  });
  for (const extra of present.slice(wanted.length)) target.removeChild(extra);
}

const alike = (a: Node, b: Node): boolean => a.nodeType === b.nodeType && a.nodeName === b.nodeName;

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
