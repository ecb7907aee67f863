// Where Electron's runtime is, and whether it is all there. Imports nothing that must be installed first, and never
// loads the `electron` package, because loading it starts a download.

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Electron's main program inside its runtime folder, by the names that electron's own install.js uses. */
export function programName(platform = process.platform) {
  if (platform === 'darwin') return 'Electron.app/Contents/MacOS/Electron';
  return platform === 'win32' ? 'electron.exe' : 'electron';
}

/**
 * The program of the runtime that belongs to the `electron` package in `packageFolder`, or undefined. A folder that an
 * interrupted installation left behind lacks `path.txt` or has another version, and does not count.
 */
export function installedElectron(packageFolder, env = process.env) {
  const name = programName();
  const override = env.ELECTRON_OVERRIDE_DIST_PATH;
  if (override) return existing(path.join(override, name));
  if (read(path.join(packageFolder, 'path.txt')) !== name) return undefined;
  const { version } = JSON.parse(readFileSync(path.join(packageFolder, 'package.json'), 'utf8'));
  if (!isRuntimeOf(path.join(packageFolder, 'dist'), version)) return undefined;
  return existing(path.join(packageFolder, 'dist', name));
}

export function isRuntimeOf(folder, version) {
  return read(path.join(folder, 'version'))?.trim().replace(/^v/, '') === version;
}

function existing(file) {
  return existsSync(file) ? file : undefined;
}

function read(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
