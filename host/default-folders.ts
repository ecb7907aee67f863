// Where files go until the person says otherwise, by platform convention.

import { homedir } from 'node:os';
import path from 'node:path';

export function defaultDownloadDir(): string {
  return path.join(homedir(), 'Downloads');
}

/** The folder that a variable of freedesktop names, or this one below the home: an empty or relative path counts as none. */
export function xdgFolder(variable: string, ...otherwise: readonly string[]): string {
  const named = process.env[variable] ?? '';
  return path.isAbsolute(named) ? named : path.join(homedir(), ...otherwise);
}
