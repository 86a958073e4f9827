import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';
import { named, shell, worker } from './shell';

const ENTRY = fileURLToPath(new URL('./src/main.ts', import.meta.url));

/**
 * The chosen theme must hold before the first paint, and the site's policy allows no inline script:
 * src/theme.js becomes a small blocking file of its own, with a hashed name like every other asset.
 */
function blockingTheme(): Plugin {
  const source = readFileSync(new URL('./src/theme.js', import.meta.url), 'utf8');
  let reference = '';
  return {
    name: 'thinkwell-blocking-theme',
    apply: 'build',
    buildStart() {
      reference = this.emitFile({ type: 'asset', name: 'theme.js', source });
    },
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const page = bundle['index.html'];
        if (page?.type !== 'asset') throw new Error('index.html was not built');
        const tag = `<script src="/${this.getFileName(reference)}"></script>`;
        page.source = String(page.source).replace('<!-- theme -->', tag);
      },
    },
  };
}

/**
 * Of marked only the reader is used, but its module ends by making a whole converter, which no bundler may
 * leave out. Cut off here, the classes behind it go too.
 */
function onlyTheLexer(): Plugin {
  return {
    name: 'thinkwell-only-the-lexer',
    apply: 'build',
    transform: {
      filter: { id: /\/marked\/lib\/marked\.esm\.js$/ },
      handler(code, id) {
        if (id.includes('/mermaid/')) return null; // needs one of its own, whole
        const end = /var (\w+)=new \w+;function \w+\(\w+,\w+\)\{return \1\.parse\(/.exec(code);
        const names = /export\{.*\b(\w+) as Lexer,.*\b(\w+) as Tokenizer,/.exec(code);
        if (end === null || names === null) throw new Error('marked is no longer built as it was: see vite.config.ts');
        return { code: `${code.slice(0, end.index)}export{${names[1]} as Lexer,${names[2]} as Tokenizer};`, map: null };
      },
    },
  };
}

/**
 * All that the first look needs is one script: apart, the pieces that other pages share would each be a
 * request, and compress worse.
 */
function firstLook(): (id: string, graph: { getModuleInfo(id: string): { importedIds: readonly string[] } | null }) => string | null {
  let wanted: Set<string> | undefined;
  return (id, graph) => {
    if (wanted === undefined) {
      wanted = new Set([ENTRY]);
      for (const one of wanted) for (const other of graph.getModuleInfo(one)?.importedIds ?? []) wanted.add(other);
    }
    return wanted.has(id) ? 'main' : null;
  };
}

// What fetches the other pieces. The frame of a diagram uses it too, and must not begin the whole page with it.
const LOADER = { name: 'loader', test: /vite\/preload-helper/, priority: 1 };

/** Of KaTeX's fonts only the kind that every browser of today reads: a third of the size. */
function newestFonts(): Plugin {
  return {
    name: 'thinkwell-newest-fonts',
    enforce: 'pre',
    transform: (code, id) =>
      id.includes('katex') && id.endsWith('.css')
        ? code.replace(/,\s*url\([^)]*\.(?:woff|ttf)\)\s*format\(["'](?:woff|truetype)["']\)/g, '')
        : undefined,
  };
}

export default defineConfig({
  plugins: [svelte(), blockingTheme(), onlyTheLexer(), newestFonts(), shell()],
  build: {
    outDir: '../src/thinkwell/webapp',
    emptyOutDir: true,
    // The policy's img-src and font-src stay 'self': nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Whoever passes the page on passes the licences of its parts on with it.
    license: { fileName: 'licences.md' },
    rolldownOptions: {
      // The second page is the frame of a diagram (src/diagram/): a world of its own.
      input: { index: 'index.html', diagram: 'diagram.html', ...worker },
      output: { entryFileNames: named, codeSplitting: { groups: [LOADER, { name: firstLook() }] } },
    },
  },
});
