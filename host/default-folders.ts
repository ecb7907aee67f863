// Where received files go until the person says otherwise, by platform convention.

import { homedir } from 'node:os';
import path from 'node:path';

export function defaultDownloadDir(): string {
  return path.join(homedir(), 'Downloads');
}
