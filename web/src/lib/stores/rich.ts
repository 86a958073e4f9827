/**
 * Formulas drawn, code coloured, diagrams offered: what is done to Markdown that is finished. Everything for it
 * is fetched when the first of its kind is there; until then, and where it fails, the source is shown.
 */
import { element } from '../markdown/dom';
import { sealOf, type Seal } from '../markdown/seals';
import { announcer } from './announcer.svelte';

// Much of a long conversation is finished at once: the page stays quick meanwhile.
const SLICE_MS = 8;
const MAX_FORMULAS = 1_000;

type Formula = Extract<Seal, { kind: 'maths' }>;
type Maths = typeof import('../rich/maths');

let maths: Maths | undefined;
let working = false;
const waiting: [HTMLElement, Formula][] = [];
const taken = new WeakSet<Element>();
const formulas = new WeakMap<Element, number>();

/** `nodes`: what changed in the page. `writing`: a formula that was just finished is drawn before the page is. */
export function enrich(nodes: readonly HTMLElement[], writing: boolean): void {
  for (const node of nodes) {
    for (const found of node.querySelectorAll<HTMLElement>('.maths, .code')) {
      const sealed = sealOf(found);
      if (sealed === undefined || taken.has(found)) continue;
      taken.add(found);
      if (sealed.kind === 'code') void colour(found, sealed.language, sealed.source);
      else if (writing && maths !== undefined) drawOne(maths, found, sealed);
      else waiting.push([found, sealed]);
    }
  }
  if (waiting.length > 0 && !working) void work();
}

async function work(): Promise<void> {
  working = true;
  try {
    maths ??= await import('../rich/maths');
    // The last first: a conversation is opened at its end.
    for (let begun = performance.now(), next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      drawOne(maths, ...next);
      if (performance.now() - begun < SLICE_MS) continue;
      await new Promise((resolve) => setTimeout(resolve));
      begun = performance.now();
    }
  } catch {
    // It did not arrive: formulas stay as they were written, until the next one asks again.
    waiting.length = 0;
  } finally {
    working = false;
  }
}

function drawOne({ draw }: Maths, shown: HTMLElement, { tex, display }: Formula): void {
  const root = shown.closest('.prose');
  const count = root === null ? MAX_FORMULAS : (formulas.get(root) ?? 0);
  if (root === null || count >= MAX_FORMULAS) return;
  formulas.set(root, count + 1);
  const drawn = draw(tex, display);
  if (drawn === null) return;
  const source = element('span', { class: 'source' }, [...shown.childNodes]);
  shown.replaceChildren(source, drawn);
  shown.classList.add('drawn');
  // What scrolls must be reachable by keyboard.
  if (display) shown.tabIndex = 0;
}

async function colour(shown: HTMLElement, language: string, text: string): Promise<void> {
  offer(shown, language, text);
  if (language === '') return;
  try {
    const [{ highlight }, { spans }] = await Promise.all([import('../services/highlighter'), import('../rich/code')]);
    const parts = await highlight({ language, text });
    const target = shown.querySelector('pre > code');
    if (parts === null || target?.textContent !== text) return;
    await unselected(target);
    const { scrollLeft } = target.parentElement ?? target;
    target.replaceChildren(...spans(parts));
    target.parentElement?.scrollTo({ left: scrollLeft });
  } catch {
    // Neither colours nor code that could be wrong: the code stays plain.
  }
}

/** New nodes would undo what the reader has just selected in the old ones. */
async function unselected(target: Element): Promise<void> {
  const inside = (): boolean => {
    const selection = getSelection();
    return selection !== null && !selection.isCollapsed && selection.containsNode(target, true);
  };
  while (inside()) await new Promise((resolve) => document.addEventListener('selectionchange', resolve, { once: true }));
}

function offer(shown: HTMLElement, language: string, text: string): void {
  if (language.toLowerCase() !== 'mermaid') return;
  void Promise.all([import('../rich/diagram'), import('./contentwords')]).then(async ([{ diagram, isDrawable }, { contentWords }]) => {
    if (!isDrawable(language, text)) return;
    await contentWords.follow();
    const { t } = contentWords;
    const button = element('button', { type: 'button', class: 'draw no-print' }, [t('diagram.show')]);
    shown.querySelector('.code-bar .copy')?.before(button);
    let frame: HTMLIFrameElement | undefined;
    const hide = (words: string): void => {
      frame?.remove();
      frame = undefined;
      button.textContent = words;
    };
    button.addEventListener('click', () => {
      if (frame !== undefined) return hide(t('diagram.show'));
      button.textContent = t('diagram.drawing');
      const drawing = diagram(text, t('diagram.name'), isDark());
      frame = drawing.frame;
      shown.append(frame);
      void drawing.drawn.then((drawn) => {
        if (frame !== drawing.frame) return;
        if (drawn) button.textContent = t('diagram.hide');
        else {
          hide(t('diagram.failed'));
          button.setAttribute('disabled', '');
        }
        announcer.say(t(drawn ? 'diagram.drawn' : 'diagram.failed'));
      });
    });
  });
}

const isDark = (): boolean => {
  const chosen = document.documentElement.dataset['theme'];
  return chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
};
