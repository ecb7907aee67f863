// Finds an installed Firefox that can run Tincan: PATH, then the places installers use. Older ones cannot hand a channel to a
// Worker, or do not show the other side's certificate.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { onPath } from './on-path.ts';

const minVersion = 153;

/** Where it is, or why there is none. `FIREFOX` names one. */
export function findFirefox(
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
): { readonly path: string } | { readonly missing: string } {
  const tooOld: string[] = [];
  for (const file of placesIn(env, platform).filter((place) => existsSync(place))) {
    const version = versionOf(file, platform);
    if (version >= minVersion) return { path: file };
    tooOld.push(`${file} is version ${version}`);
  }
  return { missing: tooOld.length > 0 ? tooOld.join(', ') : 'no Firefox is installed' };
}

function placesIn(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string[] {
  if (env.FIREFOX) return [env.FIREFOX];
  if (platform === 'win32') {
    return [env.ProgramFiles, env['ProgramFiles(x86)'], env.LOCALAPPDATA]
      .filter((folder) => folder !== undefined)
      .map((folder) => `${folder}\\Mozilla Firefox\\firefox.exe`);
  }
  const found = ['firefox', 'firefox-esr'].flatMap((name) => onPath([name], env));
  return platform === 'darwin' ? [...found, '/Applications/Firefox.app/Contents/MacOS/firefox'] : found;
}

/** On Windows the program prints nothing to whoever starts it; a file beside it says the same. 0 where nothing says it. */
function versionOf(file: string, platform: NodeJS.Platform): number {
  if (platform !== 'win32') {
    const { stdout } = spawnSync(file, ['--version'], { encoding: 'utf8' });
    return Number(/Firefox (\d+)/.exec(stdout)?.[1] ?? 0);
  }
  try {
    const facts = readFileSync(path.join(path.dirname(file), 'application.ini'), 'utf8');
    return Number(/^Version=(\d+)/m.exec(facts)?.[1] ?? 0);
  } catch {
    return 0;
  }
}
