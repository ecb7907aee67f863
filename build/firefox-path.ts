// The Firefox of the tests: FIREFOX names one, else it is looked for on PATH. Older ones cannot run Tincan.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

const minVersion = 153;

/** Where it is, or why there is none, in words for the report of skipped tests. */
export function findFirefox(env: NodeJS.ProcessEnv): { readonly path: string } | { readonly missing: string } {
  const folders = (env.PATH ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  const onPath = ['firefox-esr', 'firefox'].flatMap((name) => folders.map((folder) => path.join(folder, name)));
  const tooOld: string[] = [];
  for (const file of env.FIREFOX ? [env.FIREFOX] : onPath) {
    if (!existsSync(file)) continue;
    const { stdout } = spawnSync(file, ['--version'], { encoding: 'utf8' });
    if (Number(/Firefox (\d+)/.exec(stdout)?.[1]) >= minVersion) return { path: file };
    tooOld.push(`${file} is ${stdout.trim()}`);
  }
  return { missing: tooOld.length > 0 ? tooOld.join(', ') : 'no Firefox is installed' };
}
