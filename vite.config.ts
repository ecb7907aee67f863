// Builds every room that ships: the page (with its Workers), the Electron main, its host process and preload, and the browser shell.

import { builtinModules } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig, type EnvironmentOptions } from 'vite';

const root = path.dirname(fileURLToPath(import.meta.url));
const outsideBundle = ['electron', /^electron\//, 'original-fs', ...builtinModules, /^node:/];

function nodeRoom(entry: string, format: 'es' | 'cjs'): EnvironmentOptions {
  const { dir, name } = path.parse(entry);
  return {
    consumer: 'server',
    resolve: {
      noExternal: true,
      external: [],
      conditions: ['node', 'import', 'module', 'default'],
      mainFields: ['module', 'main'],
    },
    build: {
      outDir: path.join(root, 'dist', dir),
      emptyOutDir: false,
      target: 'node24',
      minify: false,
      sourcemap: true,
      copyPublicDir: false,
      rolldownOptions: {
        input: path.join(root, entry),
        external: outsideBundle,
        platform: 'node',
        output: { format, entryFileNames: `${name}.${format === 'es' ? 'mjs' : 'cjs'}`, codeSplitting: false },
      },
    },
  };
}

export default defineConfig({
  root: path.join(root, 'renderer'),
  base: './',
  plugins: [react()],
  worker: { format: 'es' },
  builder: {},
  environments: {
    client: {
      build: {
        outDir: path.join(root, 'dist/renderer'),
        emptyOutDir: true,
        target: 'chrome140',
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
        // The page is loaded from this machine's own disk; cutting it up would only add requests. All languages are in it.
        chunkSizeWarningLimit: 1600,
      },
    },
    electron: nodeRoom('electron/main.ts', 'es'),
    hostProcess: nodeRoom('electron/host-process.ts', 'es'),
    preload: nodeRoom('electron/preload.ts', 'cjs'),
    browser: nodeRoom('browser/main.ts', 'es'),
  },
});
