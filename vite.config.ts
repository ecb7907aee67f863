// Builds every room that ships: the page (with its Workers), the Electron main, its host process and preload, and the browser shell.

import { builtinModules } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig, type EnvironmentOptions, type Plugin } from 'vite';
import { errorWords } from './build/error-words.ts';
import { lostHost } from './build/lost-host.ts';

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

/** The page runs its screens last: meanwhile the browser fetches them, and their letters. */
function preloadScreens(): Plugin {
  return {
    name: 'preload-screens',
    transformIndexHtml: {
      order: 'post',
      handler: (_, { bundle }) =>
        Object.values(bundle ?? {}).flatMap((file) => {
          const attrs = { crossorigin: true, href: `./${file.fileName}` };
          if (file.type === 'chunk' && file.name === 'open-page')
            return [{ tag: 'link', attrs: { ...attrs, rel: 'modulepreload' }, injectTo: 'head' as const }];
          if (file.fileName.includes('/inter-latin-wght-normal-'))
            return [{ tag: 'link', attrs: { ...attrs, rel: 'preload', as: 'font' }, injectTo: 'head' as const }];
          return [];
        }),
    },
  };
}

export default defineConfig({
  root: path.join(root, 'renderer'),
  base: './',
  plugins: [react(), preloadScreens(), errorWords(), lostHost()],
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
        chunkSizeWarningLimit: 700,
      },
    },
    electron: nodeRoom('electron/main.ts', 'es'),
    hostProcess: nodeRoom('electron/host-process.ts', 'es'),
    preload: nodeRoom('electron/preload.ts', 'cjs'),
    browser: nodeRoom('browser/main.ts', 'es'),
  },
});
