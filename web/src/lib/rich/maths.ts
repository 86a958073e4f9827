/**
 * A formula -> nodes, drawn by KaTeX. Fetched when the first formula is there. What a model wrote is bounded
 * here: how long it is, how often its macros unfold, how much may come out of it.
 */
import katex, { type KatexOptions } from 'katex';
import 'katex/dist/katex.min.css';

const MAX_TEX = 4_000;
// Formulas that define macros of their own can double with each sign: they stay short.
const DEFINES = /\\(?:[gex]?def|let|futurelet|(?:re)?newcommand|providecommand|global|long)(?![A-Za-z])/;
const MAX_DEFINING = 400;
const MAX_NODES = 12_000;
const MAX_DEPTH = 120;

/** What KaTeX makes before it makes nodes. */
type Virtual = { children?: Virtual[]; attributes?: Record<string, string>; toNode(): Node };

// Not among its published types: the tree can be looked at before anything of it is a node.
const inner = katex as unknown as { __renderToDomTree(tex: string, options: KatexOptions): Virtual };

/** Null where it cannot be drawn, or should not: then its source is shown. */
export function draw(tex: string, display: boolean): Node | null {
  if (tex.length > (DEFINES.test(tex) ? MAX_DEFINING : MAX_TEX)) return null;
  try {
    const options: KatexOptions = { displayMode: display, throwOnError: true, trust: false, strict: 'ignore', maxExpand: 300, maxSize: 20, macros: {} };
    const tree = inner.__renderToDomTree(tex, options);
    return tamed(tree) ? tree.toNode() : null;
  } catch (error) {
    // Half a formula, an unknown command, or one nested so deep that the stack is at its end.
    if (error instanceof katex.ParseError || error instanceof RangeError || error instanceof TypeError) return null;
    throw error;
  }
}

/** False for a bomb. Style attributes, which the site's policy refuses, are taken off: they are in the hidden part only. */
function tamed(root: Virtual): boolean {
  let count = 0;
  const open: [Virtual, number][] = [[root, 0]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [node, depth] = next;
    count += 1;
    if (count > MAX_NODES || depth > MAX_DEPTH) return false;
    if (node.attributes) delete node.attributes['style'];
    for (const child of node.children ?? []) open.push([child, depth + 1]);
  }
  return true;
}
