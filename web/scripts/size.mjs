/**
 * What the page downloads, gzipped, before maths and colours of code: for the first look (index.html, the scripts and
 * styles that it names, what those import at once, the heaviest language) and for a plain question and its answer
 * (besides, what reads Markdown). Exits with 1 where one is over its budget.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const FIRST_LOOK = 80_000;
// A first look, its words and the reader of Markdown: script alone.
const CONVERSATION_SCRIPT = 80_000;
const root = new URL('../../src/thinkwell/webapp/', import.meta.url);
const read = (name) => readFileSync(new URL(name, root));
const size = (name) => gzipSync(read(name), { level: 9 }).length;
const assets = readdirSync(new URL('assets/', root)).map((name) => `assets/${name}`);

/** With all that these import at once. */
function closure(names) {
  const wanted = new Set(names);
  for (const name of wanted) {
    const text = read(name).toString();
    const folder = name.includes('/') ? name.slice(0, name.lastIndexOf('/') + 1) : '';
    const named = name.endsWith('.html')
      ? [...text.matchAll(/(?:<script[^>]* src|<link[^>]* href)="\/([^"]+)"/g)].map((match) => match[1])
      : [...text.matchAll(/(?:from|import)\s*["']\.\/([^"']+)["']/g)].map((match) => folder + match[1]);
    for (const other of named) if (assets.includes(other) || !other.includes('/')) wanted.add(other);
  }
  return wanted;
}

/** Of each language the words that come first: of what is fetched by `main`, the files named by a language. */
function heaviestWords() {
  const main = assets.find((name) => /\/main-[^/]*\.js$/.test(name));
  const named = [...read(main).toString().matchAll(/import\(\s*[`"']\.\/([a-z]{2}-[\w-]+\.js)[`"']\s*\)/g)].map((match) => `assets/${match[1]}`);
  if (named.length === 0) throw new Error('no words were found: see web/scripts/size.mjs');
  return named.sort((a, b) => size(b) - size(a))[0];
}

function told(title, names, budget) {
  let total = 0;
  for (const name of names) {
    total += size(name);
    console.log(String(size(name)).padStart(8), name);
  }
  console.log(String(total).padStart(8), `bytes gzipped: ${title}, of ${budget}\n`);
  return total <= budget;
}

const first = [...closure(['index.html']), heaviestWords()];
const reader = [...closure(assets.filter((name) => /\/Markdown-[^/]*\.(js|css)$/.test(name)))];
const scripts = new Set([...first, ...reader].filter((name) => name.endsWith('.js')));
const held = [told('the first look', first, FIRST_LOOK), told('script of a plain conversation', scripts, CONVERSATION_SCRIPT)];
process.exit(held.every(Boolean) ? 0 : 1);
