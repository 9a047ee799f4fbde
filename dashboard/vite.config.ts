import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// `./dev ui` says where the server is; the browser sees one origin, as it does in the binary.
const server = process.env.CONVEYOR_SERVER ?? 'http://127.0.0.1:8080';
const proxy = { target: server, changeOrigin: true, headers: { Origin: server } };

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: {
    host: '127.0.0.1',
    proxy: {
      '/v1': proxy,
      '/health': proxy,
      '/version': proxy,
      '/openapi.json': proxy,
      '/socket.io': { ...proxy, ws: true },
    },
  },
  build: {
    target: 'es2023',
    manifest: true, // for scripts/check-budgets.mjs
    assetsInlineLimit: 0, // the content security policy allows no data: URLs
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  test: {
    environment: 'node',
    include: ['src/**/*.test.{ts,tsx}'],
    testTimeout: 60_000, // a busy machine is slow
    hookTimeout: 60_000,
  },
});
