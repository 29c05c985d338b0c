import tailwindcss from '@tailwindcss/vite';
import { tanstackRouter } from '@tanstack/router-plugin/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { contentSecurityPolicy } from './mock/csp.ts';
import { mockBackend } from './mock/plugin.ts';

const backend = process.env.MARQUEE_URL ?? 'http://localhost:8080';
const mocked = process.env.MARQUEE_MOCK === '1';
const toBackend = mocked ? {} : { '/api': backend, '/media': backend, '/images': backend };

export default defineConfig({
  plugins: [
    tanstackRouter({
      target: 'react',
      autoCodeSplitting: true,
      generatedRouteTree: 'src/route-tree.gen.ts',
      quoteStyle: 'single',
    }),
    react(),
    tailwindcss(),
    mocked && mockBackend(),
  ],
  resolve: { tsconfigPaths: true },
  build: {
    target: 'es2022',
    // The Content-Security-Policy forbids `data:` fonts, so do not inline assets.
    assetsInlineLimit: 0,
    rolldownOptions: {
      output: {
        // Separate chunks for libraries that change rarely stay cached.
        codeSplitting: {
          groups: [
            { name: 'hls', test: /node_modules\/hls\.js/ },
            { name: 'react', test: /node_modules\/(react|react-dom|scheduler)\// },
          ],
        },
      },
    },
    // The largest chunk is the player with hls.js, loaded for playback only.
    chunkSizeWarningLimit: 640,
  },
  server: { port: 20400, strictPort: true, proxy: toBackend },
  preview: {
    port: 20401,
    strictPort: true,
    proxy: toBackend,
    headers: { 'content-security-policy': contentSecurityPolicy("'self'") },
  },
  test: {
    // Files that need a DOM start with `@vitest-environment jsdom`.
    environment: 'node',
    include: ['src/**/*.test.{ts,tsx}', 'tests/**/*.test.ts'],
    // Generous, for busy machines.
    testTimeout: 30_000,
  },
});
