// Shows in the file manager where something is. Promises: what arrived is never opened, and so never started, by looking for it.

import { spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { Fault } from '../shared/model/fault.ts';
import { desktopOpener } from './on-path.ts';

/** A file manager that is still there after this did not fail to start. */
const settlesMs = 1_500;

export async function reveal(target: string): Promise<void> {
  const isFolder = await stat(target).then(
    (found) => found.isDirectory(),
    () => false,
  );
  await launch(revealCommand({ target, isFolder }, process.env, process.platform));
}

export async function launch([program, ...args]: readonly [string, ...string[]]): Promise<void> {
  const child = spawn(program, args, { stdio: 'ignore', detached: true, windowsVerbatimArguments: true });
  await new Promise<void>((resolve, reject) => {
    const refuse = (cause?: unknown) => reject(new Fault('not-opened', 'no program opened it', { cause }));
    const settled = setTimeout(resolve, settlesMs);
    child.once('error', (error) => {
      clearTimeout(settled);
      refuse(error);
    });
    child.once('exit', (code) => {
      clearTimeout(settled);
      // Explorer answers 1 whatever happened.
      if (code === 0 || process.platform === 'win32') resolve();
      else refuse();
    });
  });
  child.unref();
}

export function revealCommand(
  { target, isFolder }: { readonly target: string; readonly isFolder: boolean },
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
): readonly [string, ...string[]] {
  // A folder can be an application here, and opening it would start it. `-R` only selects it in its parent's window.
  if (platform === 'darwin') return ['/usr/bin/open', '-R', target];
  const folder = isFolder ? target : (platform === 'win32' ? path.win32 : path.posix).dirname(target);
  if (platform === 'win32') return explorerCommand(folder, env);
  return [desktopOpener(env), folder];
}

/** Explorer splits its command line itself, at commas too, and knows no other escape than quotes. */
export function explorerCommand(target: string, env: NodeJS.ProcessEnv): readonly [string, string] {
  // By its whole path: Windows looks for programs in the current folder first, which may be where strangers' files are.
  const program = path.win32.join(env.SystemRoot ?? 'C:\\Windows', 'explorer.exe');
  if (!/[\s,;="]/.test(target)) return [program, target];
  return [program, `"${target.replaceAll('"', '%22').replace(/\\$/, '')}"`];
}
