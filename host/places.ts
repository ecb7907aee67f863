// Where Tincan keeps its own files, and where received files go until the person says otherwise, by platform convention.

import { homedir } from 'node:os';
import path from 'node:path';

export function defaultDataDir(): string {
  const home = homedir();
  if (process.platform === 'win32')
    return path.join(process.env.APPDATA ?? path.join(home, 'AppData', 'Roaming'), 'Tincan');
  if (process.platform === 'darwin') return path.join(home, 'Library', 'Application Support', 'Tincan');
  return path.join(process.env.XDG_DATA_HOME ?? path.join(home, '.local', 'share'), 'tincan');
}

export function defaultDownloadDir(): string {
  return path.join(homedir(), 'Downloads');
}
