import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { packed } from './scripts/packed';

/** Where `npm run dev` finds a server; it must have been started with --public-url http://127.0.0.1:5173. */
const server = process.env.WIGWAG_URL ?? 'http://127.0.0.1:8030';
const proxied = { target: server, changeOrigin: false };
const proxy = { '/api': proxied, '/internal': proxied, '/docs': proxied };

/**
 * A browser asks six things of a server at once: what several pages need comes in few files, not in a hundred small ones
 * that stand before the page's own questions.
 */
const CHUNKS = [
  { name: 'initial', tags: ['$initial' as const], priority: 1 },
  { name: 'shared', minShareCount: 3, entriesAware: true, entriesAwareMergeThreshold: 60_000 },
];

export default defineConfig({
  plugins: [react(), packed()],
  resolve: { alias: { '~': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1_000,
    rolldownOptions: {
      output: {
        codeSplitting: { groups: CHUNKS },
        // Of what is shared the name would list all who share it.
        chunkFileNames: ({ name }) => `assets/${name.split('~')[0]}-[hash].js`,
      },
    },
  },
  // The table of actions is that of the contract.
  server: { fs: { allow: ['..'] }, host: '127.0.0.1', port: 5173, strictPort: true, proxy },
  preview: { host: '127.0.0.1', port: 5173, strictPort: true, proxy },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});
