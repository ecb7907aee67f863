// The Electron shell's composition root.

import path from 'node:path';
import { app } from 'electron/main';
import { startShell } from './shell.ts';

startShell({ dist: path.join(import.meta.dirname, '..') }).catch((error: unknown) => {
  console.error('Tincan could not start:', error instanceof Error ? error.message : error);
  app.exit(1);
});
