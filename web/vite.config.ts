import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, minify, type Plugin } from 'vite';
import { onlyTheLexer } from './lexer';
import { named, shell, worker } from './shell';

const WORDS = /\/words\/main\/([a-z]{2})\.ts$/;
const ENTRY = fileURLToPath(new URL('./src/main.ts', import.meta.url));

/**
 * The chosen theme must hold before the first paint, and the site's policy allows no inline script:
 * src/first.js becomes a small blocking file of its own, with a hashed name like every other asset. It knows
 * where the words of each language are, so that they need not wait for the script that shows them.
 */
function firstFile(): Plugin {
  const source = readFileSync(new URL('./src/first.js', import.meta.url), 'utf8');
  return {
    name: 'thinkwell-first-file',
    apply: 'build',
    generateBundle: {
      order: 'post',
      async handler(_options, bundle) {
        const page = bundle['index.html'];
        if (page?.type !== 'asset') throw new Error('index.html was not built');
        const words: Record<string, string> = {};
        for (const file of Object.values(bundle)) {
          const code = file.type === 'chunk' ? WORDS.exec(file.facadeModuleId ?? '')?.[1] : undefined;
          if (code !== undefined) words[code] = `/${file.fileName}`;
        }
        if (Object.keys(words).length === 0) throw new Error('no words were built');
        const { code } = await minify('first.js', source.replace("'__WORDS__'", JSON.stringify(words)));
        const reference = this.emitFile({ type: 'asset', name: 'first.js', source: code });
        page.source = String(page.source).replace('<!-- first -->', `<script src="/${this.getFileName(reference)}"></script>`);
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
    return wanted.has(id) && !OTHERS.test(id) ? 'main' : null;
  };
}

// Svelte's one door leads to all of these; those that the first look uses none of go to the pages that do.
const OTHERS = /\/svelte\/src\/(?:reactivity\/(?!create)|internal\/client\/dom\/(?:elements\/bindings\/(?:input|select|size)|blocks\/svelte-head))/;

// What fetches the other pieces. The frame of a diagram uses it too, and must not begin the whole page with it.
const LOADER = { name: 'loader', test: /vite\/preload-helper/, priority: 1 };

/** The class that keeps a component's styles to it: a short name, since each stands in the page's script and its styles. */
function shortHash(): (about: { hash: (text: string) => string; css: string }) => string {
  const taken = new Map<string, string>();
  return ({ hash, css }) => {
    const name = `s${hash(css).slice(0, 4)}`;
    if (taken.has(name) && taken.get(name) !== css) throw new Error(`The styles of two components have the same short hash: ${name}`);
    taken.set(name, css);
    return name;
  };
}

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
  plugins: [svelte({ compilerOptions: { cssHash: shortHash() } }), firstFile(), onlyTheLexer(), newestFonts(), shell()],
  build: {
    outDir: '../src/thinkwell/webapp',
    emptyOutDir: true,
    // The policy's img-src and font-src stay 'self': nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Whoever passes the page on passes the licences of its parts on with it.
    license: { fileName: 'licences.md' },
    rolldownOptions: {
      treeshake: { moduleSideEffects: [{ test: OTHERS, sideEffects: false }] },
      // The second page is the frame of a diagram (src/diagram/): a world of its own.
      input: { index: 'index.html', diagram: 'diagram.html', ...worker },
      output: { entryFileNames: named, codeSplitting: { groups: [LOADER, { name: firstLook(), includeDependenciesRecursively: false }] } },
    },
  },
});
