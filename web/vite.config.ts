import { readFileSync } from 'node:fs';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';

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
 * Vite wraps each import() in a helper (1 kB gzipped) that first loads the styles of what is imported. The only
 * parts that come later, the languages, have none; the build fails when that changes.
 */
function plainImports(): Plugin {
  return {
    name: 'thinkwell-plain-imports',
    apply: 'build',
    load: {
      order: 'pre',
      handler: (id) => (id.endsWith('vite/preload-helper.js') ? 'export const __vitePreload = (load) => load();' : null),
    },
    generateBundle(_options, bundle) {
      for (const part of Object.values(bundle)) {
        const styled = part.type === 'chunk' && part.isDynamicEntry && (part.viteMetadata?.importedCss.size ?? 0) > 0;
        if (styled) throw new Error(`${part.fileName} has styles of its own: drop plainImports`);
      }
    },
  };
}

export default defineConfig({
  plugins: [svelte(), blockingTheme(), plainImports()],
  build: {
    outDir: '../src/thinkwell/webapp',
    emptyOutDir: true,
    // The policy's img-src and font-src stay 'self': nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
