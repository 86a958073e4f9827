/** For tests: a page on which Markdown is painted, as the component does it. */
import { Blocks } from './blocks';
import { Painter } from './paint';

export const labels = { copy: 'Copy', image: 'Image', code: 'code' };

export class Sheet {
  readonly root = document.createElement('div');
  readonly #blocks = new Blocks(labels);
  readonly #painter = new Painter(this.root);
  /** Of the last reading. */
  changed: HTMLElement[] = [];

  show(text: string, writing: boolean): HTMLElement {
    this.changed = this.#painter.paint(this.#blocks.read(text, writing));
    return this.root;
  }
}
