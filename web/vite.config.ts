import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { packed } from './scripts/packed';

/** Where `npm run dev` finds a server; it must have been started with --public-url http://127.0.0.1:5173. */
const server = process.env.WIGWAG_URL ?? 'http://127.0.0.1:8030';
const proxied = { target: server, changeOrigin: false };
const proxy = { '/api': proxied, '/internal': proxied, '/docs': proxied };

export default defineConfig({
  plugins: [react(), packed()],
  resolve: { alias: { '~': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
  // The table of actions is that of the contract.
  server: { fs: { allow: ['..'] }, host: '127.0.0.1', port: 5173, strictPort: true, proxy },
  preview: { host: '127.0.0.1', port: 5173, strictPort: true, proxy },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});
