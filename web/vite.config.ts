import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const api = process.env.ALMANAC_DEV_API ?? 'http://127.0.0.1:8080';

export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  plugins: [react()],
  build: {
    outDir: '../build/web',
    emptyOutDir: true,
    target: 'chrome117',
    sourcemap: false,
    // The largest chunks are the grid and the chart; both come with the pages that need them.
    chunkSizeWarningLimit: 900,
  },
  server: { host: '127.0.0.1', proxy: { '/api': api, '/health': api, '/docs': api } },
});
