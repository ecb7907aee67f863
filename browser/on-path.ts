// Programs by their names, in the folders of PATH. Only whole paths count there: any other one depends on where Tincan was started,
// and strangers' files may lie in that folder.

import { existsSync } from 'node:fs';
import path from 'node:path';

/** The folders in their order, for each in turn the programs in theirs. */
export function onPath(names: readonly string[], { PATH = '' }: NodeJS.ProcessEnv): string[] {
  const folders = PATH.split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  return folders.flatMap((folder) => names.map((name) => path.join(folder, name)));
}

export function desktopOpener(env: NodeJS.ProcessEnv): string {
  return onPath(['xdg-open'], env).find((program) => existsSync(program)) ?? '/usr/bin/xdg-open';
}
