// Packs Tincan: `node build/package.mjs --linux|--mac|--win [--dir]`. Publishes nothing.

import { ensureBuilt, ensureDependencies, environment, runTool } from './ready.mjs';
import { withoutEmptySecrets } from './secrets.mjs';

ensureDependencies();
ensureBuilt();
process.exit(
  runTool(
    'electron-builder',
    [...process.argv.slice(2), '--publish', 'never', '-c', 'build/electron-builder.config.ts'],
    { env: withoutEmptySecrets(environment()) },
  ),
);
