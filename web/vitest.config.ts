import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { onlyTheLexer } from './lexer';

export default defineConfig({
  plugins: [svelte(), onlyTheLexer()],
  resolve: { conditions: ['browser'] },
  test: {
    include: ['src/**/*.test.ts', 'tests/**/*.test.ts'],
    environment: 'jsdom',
    setupFiles: ['tests/english.ts'],
    restoreMocks: true,
    // Read as the page reads it: cut down to its lexer.
    server: { deps: { inline: ['marked'] } },
    maxWorkers: 2,
  },
});
