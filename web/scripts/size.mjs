/**
 * What the first visit downloads, gzipped: index.html, the scripts and styles that it names, what those
 * import at once, and one language. Exits with 1 over the budget.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const BUDGET = 100 * 1024;
const root = new URL('../../src/thinkwell/webapp/', import.meta.url);
const read = (name) => readFileSync(new URL(name, root));

const wanted = new Set(['index.html']);
for (const name of wanted) {
  const text = read(name).toString();
  const folder = name.includes('/') ? name.slice(0, name.lastIndexOf('/') + 1) : '';
  const named = name.endsWith('.html')
    ? [...text.matchAll(/(?:<script[^>]* src|<link[^>]* href)="\/([^"]+)"/g)].map((match) => match[1])
    : [...text.matchAll(/(?:from|import)\s*["']\.\/([^"']+)["']/g)].map((match) => folder + match[1]);
  for (const other of named) wanted.add(other);
}
const languages = readdirSync(new URL('assets/', root)).filter((name) => /^(fr|uk|zh)-.*\.js$/.test(name));
const size = (name) => gzipSync(read(name), { level: 9 }).length;
const heaviest = languages.map((name) => `assets/${name}`).sort((a, b) => size(b) - size(a))[0];
if (heaviest) wanted.add(heaviest);

let total = 0;
for (const name of wanted) {
  total += size(name);
  console.log(String(size(name)).padStart(8), name);
}
console.log(String(total).padStart(8), `bytes gzipped on the first visit, of ${BUDGET}`);
process.exit(total > BUDGET ? 1 : 0);
