import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const OUT_DIR = join(import.meta.dirname, '../build/web');
const api = process.env.ALMANAC_DEV_API ?? 'http://127.0.0.1:8080';

export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  plugins: [react(), removeOldAssets()],
  build: {
    outDir: OUT_DIR,
    // The compiler of the server keeps files for the unit tests there too.
    emptyOutDir: false,
    target: 'chrome117',
    sourcemap: false,
    // The largest chunks are the grid and the chart; both come with the pages that need them.
    chunkSizeWarningLimit: 900,
  },
  server: { host: '127.0.0.1', proxy: { '/api': api, '/health': api, '/docs': api } },
});

/** Assets have their hash in their names, so those of earlier builds would pile up. */
function removeOldAssets(): Plugin {
  return {
    name: 'remove-old-assets',
    apply: 'build',
    buildStart: () => rm(join(OUT_DIR, 'assets'), { recursive: true, force: true }),
  };
}
