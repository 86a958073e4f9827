/**
 * Of marked only the reader is used, and of that only what CommonMark and GitHub's additions need; but its module
 * makes a whole converter and the grammars of other dialects, which no bundler may leave out. Cut off here.
 */
import { parseAst, type Plugin } from 'vite';

type Node = { type: string; start: number; end: number; [name: string]: unknown };
type Named = Node & { name: string };

/** Grammars that are not read by; `lib/markdown/lex.ts` says which are. */
const DIALECTS = new Set(['pedantic', 'breaks']);
/** Raw HTML is text here. */
const HTML = new Set(['html', 'tag']);
/** Nobody asks the class itself. */
const STATIC = new Set(['lex', 'lexInline', 'rules']);

export function onlyTheLexer(): Plugin {
  return {
    name: 'thinkwell-only-the-lexer',
    transform: {
      filter: { id: /\/marked\/lib\/marked\.esm\.js$/ },
      handler(code, id) {
        return id.includes('/mermaid/') ? null : { code: lexerOf(code), map: null }; // mermaid needs one of its own, whole
      },
    },
  };
}

export function lexerOf(whole: string): string {
  const end = /var (\w+)=new \w+;function \w+\(\w+,\w+\)\{return \1\.parse\(/.exec(whole);
  const names = /export\{.*\b(\w+) as Lexer,.*\b(\w+) as Tokenizer,/.exec(whole);
  if (end === null || names === null) throw strange();
  const code = `${whole.slice(0, end.index)}export{${names[1]} as Lexer,${names[2]} as Tokenizer};`;
  return withoutUnread(withoutUnused(code.replaceAll('this.options.pedantic', '!1').replaceAll('this.options.breaks', '!1')));
}

const strange = (): Error => new Error('marked is no longer built as it was: see lexer.ts');

/** Four methods, three of the class, three dialects, one rule: any other number, and this file is out of date. */
const CUTS = 11;

/** Without the methods and dialects above. */
function withoutUnused(code: string): string {
  const cuts: [number, number, string][] = [];
  for (const node of all(parseAst(code) as unknown as Node)) {
    const key = (node['key'] as Named | undefined)?.name ?? '';
    const value = node['value'] as Node | undefined;
    if (node.type === 'MethodDefinition' && HTML.has(key)) cuts.push([node.start, node.end, `${key}(){}`]);
    else if (node.type === 'MethodDefinition' && node['static'] === true && STATIC.has(key)) cuts.push([node.start, node.end, '']);
    else if (node.type === 'Property' && value?.type === 'Identifier' && (DIALECTS.has(key) || key === 'html')) cuts.push([value.start, value.end, '0']);
  }
  if (cuts.length !== CUTS) throw strange();
  return cut(code, cuts);
}

/** Without what is made at the top and read nowhere: it is all expressions, made of others. */
function withoutUnread(code: string): string {
  const tree = parseAst(code) as unknown as Node & { body: Node[] };
  const read = new Map<string, number>();
  for (const node of all(tree)) if (node.type === 'Identifier') read.set((node as Named).name, (read.get((node as Named).name) ?? 0) + 1);
  const cuts: [number, number, string][] = [];
  for (const statement of tree.body) {
    if (statement.type === 'FunctionDeclaration' && read.get((statement['id'] as Named).name) === 1) cuts.push([statement.start, statement.end, '']);
    if (statement.type !== 'VariableDeclaration') continue;
    for (const { id, init } of statement['declarations'] as { id: Named; init: Node | null }[]) {
      if (init !== null && !/^(?:Class|Literal)/.test(init.type) && read.get(id.name) === 1) cuts.push([init.start, init.end, '0']);
    }
  }
  return cuts.length === 0 ? code : withoutUnread(cut(code, cuts));
}

const cut = (code: string, cuts: [number, number, string][]): string =>
  cuts.toSorted(([one], [other]) => other - one).reduce((text, [start, end, instead]) => text.slice(0, start) + instead + text.slice(end), code);

function* all(node: Node): Generator<Node> {
  yield node;
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (typeof child === 'object' && child !== null && typeof (child as Node).type === 'string') yield* all(child as Node);
    }
  }
}
