// Opens a received file, or a link, with the program that the desktop has for it. Only on a click, and only what the host judged.

import { desktopOpener } from './on-path.ts';
import { explorerCommand, launch } from './reveal.ts';

export function openTarget(target: string): Promise<void> {
  return launch(openCommand(target, process.env, process.platform));
}

/** `target`: an absolute path or an http address, so that it can be no option of the program that is started. */
export function openCommand(
  target: string,
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
): readonly [string, ...string[]] {
  if (platform === 'darwin') return ['/usr/bin/open', target];
  if (platform === 'win32') return explorerCommand(target, env);
  return [desktopOpener(env), target];
}
