/** The words of one part of the page, which come with it and not before. */
import type { Entry } from '../words/entry';
import { fill, type Values } from '../words/fill';
import { tags, type Code } from '../words/languages';
import { load } from '../words/load';
import { words } from './words.svelte';

type Dictionary<Key extends string> = Record<Key, Entry>;

export class AreaWords<Key extends string> {
  /** Of the language that is shown; null while its words come. */
  #shown = $state.raw<{ code: Code; dictionary: Dictionary<Key> } | null>(null);
  readonly #part: string;
  readonly #english: Dictionary<Key>;

  /** `part`: the folder below lib/words; `english`: its words, which say what keys there are. */
  constructor(part: string, english: Dictionary<Key>) {
    this.#part = part;
    this.#english = english;
  }

  get ready(): boolean {
    return this.#shown !== null;
  }

  /** Follows the language of the page: to be called in an `$effect`. English where the words do not arrive. */
  async follow(): Promise<void> {
    const code = words.code;
    if (this.#shown?.code === code) return;
    let dictionary = this.#english;
    try {
      if (code !== 'en') dictionary = await load<Key>(this.#part, code);
    } catch {
      // What is shown stays, or English.
      if (this.#shown !== null) return;
    }
    if (code === words.code) this.#shown = { code, dictionary };
  }

  readonly t = (key: Key, values: Values = {}): string =>
    fill((this.#shown?.dictionary ?? this.#english)[key], values, tags[this.#shown?.code ?? 'en']);
}
