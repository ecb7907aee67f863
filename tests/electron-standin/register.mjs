// Preloaded into each process of the stand-in: whoever imports Electron gets the stand-in, and `fs` is the patched one.

import { registerHooks } from 'node:module';

const standIns = {
  electron: './electron.ts',
  'electron/main': './electron.ts',
  'original-fs': './original-fs.ts',
  'node:original-fs': './original-fs.ts',
};

registerHooks({
  resolve: (specifier, context, next) =>
    Object.hasOwn(standIns, specifier)
      ? { url: new URL(standIns[specifier], import.meta.url).href, shortCircuit: true }
      : next(specifier, context),
});

const { patchFs } = await import('./asar-fs.ts');
patchFs();
if (process.env.STANDIN_UTILITY === '1') {
  const { becomeUtility } = await import('./utility.ts');
  await becomeUtility();
}
