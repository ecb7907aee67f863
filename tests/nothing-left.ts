// For every test file: when it ends, its temporary files are gone and nothing that it started runs on. Many things make such files: our
// helpers, Tincan itself, a Chromium or a download that a test killed. So each test file has a folder of its own for them.

import { chmodSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';

// Windows removes nothing that is still open.
if (process.platform !== 'win32') {
  // A short name: the path of a socket has a hundred bytes.
  const folder = mkdtempSync(path.join(tmpdir(), 'tt-'));
  // As open as the system's own: root's tests start programs as nobody.
  chmodSync(folder, 0o1777);
  process.env.TMPDIR = folder;
  // Hooks run in reverse, so those of the test file have closed everything by now. What was killed may take a moment to end.
  afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));
}

// Vitest ends the process of a test file by SIGTERM, at which no `exit` listener would run; those of our helpers end what they started.
process.once('SIGTERM', () => process.exit());
