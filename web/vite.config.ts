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

export default defineConfig({
  plugins: [svelte(), blockingTheme()],
  build: {
    outDir: '../src/thinkwell/webapp',
    emptyOutDir: true,
    // The policy's img-src and font-src stay 'self': nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
