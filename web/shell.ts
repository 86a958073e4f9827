/**
 * The service worker: built to a fixed name, since browsers look for a new one at the same address, with the list
 * of the build's files in it, so that it is another whenever any of them is.
 */
import type { Plugin } from 'vite';

// What a question, an answer and one's own history need comes along at once; what is heavier (maths, drawings),
// the pages beside it and the words of each language are kept when they were used.
const MOST_BYTES = 60_000;
const LATER = /^assets\/(?:[a-z]{2}-|katex|maths|diagram|chunk-|\w+-definition|\w+Diagram|highlight|Plot|Password|\w+Page-)/;

export const worker = { sw: 'src/sw.ts' };
export const named = (chunk: { name: string }): string => (chunk.name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js');

export function shell(): Plugin {
  return {
    name: 'thinkwell-shell',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const files = Object.values(bundle).filter(({ fileName }) => fileName.startsWith('assets/'));
        const size = (file: (typeof files)[number]): number => (file.type === 'chunk' ? file.code : file.source).length;
        const all = files.map(({ fileName }) => `/${fileName}`).sort();
        const first = files
          .filter((file) => /\.(?:js|css)$/.test(file.fileName) && !LATER.test(file.fileName) && (size(file) <= MOST_BYTES || inPage(file.fileName)))
          .map(({ fileName }) => `/${fileName}`)
          .sort();
        const at = bundle['sw.js'];
        if (at?.type !== 'chunk' || at.imports.length > 0) throw new Error('the service worker was not built as one file');
        at.code = at.code.replace('__SHELL__', JSON.stringify({ first, all }));

        /** What the page itself cannot be without, however heavy. */
        function inPage(name: string): boolean {
          const page = bundle['index.html'];
          if (page?.type === 'asset' && String(page.source).includes(name)) return true;
          return files.some((file) => file.type === 'chunk' && file.isEntry && file.imports.includes(name));
        }
      },
    },
  };
}
