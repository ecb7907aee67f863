// Why Electron did not give the lock of one app for each data folder. It answers the same where another Tincan took the launch and where the
// lock could not be made: a link in the data folder, and a socket in the folder for temporary files. Whoever starts Tincan has to be
// told of the second.

import { lstatSync, mkdirSync, mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** As Chromium calls it on Linux and macOS. It points at the process that has the lock, and at nothing that exists. */
const lockName = 'SingletonLock';
/** Whoever runs may have made its lock while there was room. */
const passing: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE']);

/** No Tincan runs on this data folder: the lock could not be made. */
export function isLockImpossible(dataDir: string): boolean {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    for (const folder of [dataDir, tmpdir()]) rmdirSync(mkdtempSync(path.join(folder, 'tincan-lock-')));
    return false;
  } catch (error) {
    return !passing.has((error as NodeJS.ErrnoException).code) || !isThere(path.join(dataDir, lockName));
  }
}

function isThere(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
}
