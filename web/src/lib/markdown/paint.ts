/** Puts readings of Markdown into an element of the page: each block is a node of its own, and only those that changed are touched. */
import type { Block, Reading } from './blocks';
import { element } from './dom';
import { morph } from './morph';
import { code, PIECE } from './signs';

export class Painter {
  readonly #root: HTMLElement;
  #shown: { node: HTMLElement; block: Block }[] = [];

  constructor(root: HTMLElement) {
    this.#root = root;
  }

  /** The nodes of blocks that look different now. */
  paint({ kept, blocks }: Reading): HTMLElement[] {
    const changed = blocks.flatMap((block, index) => this.#put(block, kept + index) ?? []);
    for (const { node } of this.#shown.splice(kept + blocks.length)) node.remove();
    return changed;
  }

  clear(): void {
    this.#shown = [];
    this.#root.replaceChildren();
  }

  #put(block: Block, place: number): HTMLElement | null {
    const shown = this.#shown[place];
    const node = shown?.node ?? element('div', { dir: 'auto' });
    const className = block.joined ? 'block joined' : 'block';
    if (node.className !== className) node.className = className;
    if (shown === undefined) this.#root.append(node);
    this.#shown[place] = { node, block };
    if (shown?.block.key === block.key) return null;
    if (block.added !== undefined && shown !== undefined) grow(node, block.added);
    else {
      const wanted = document.createDocumentFragment();
      wanted.append(...block.build());
      morph(node, wanted);
    }
    return node;
  }
}

/** Adds to the code of a block. Its pieces stay small, since a text node is laid out as a whole. */
function grow(node: HTMLElement, added: string): void {
  const target = node.querySelector('pre > code');
  for (const child of code(added)) {
    const last = target?.lastChild;
    const joins = typeof child === 'string' && last instanceof Text && (last.length < PIECE || /[\ud800-\udbff]$/.test(last.data));
    if (joins) last.appendData(child);
    else target?.append(child);
  }
}
