// What the browser shell lends the host: a file manager, a folder dialog where the desktop has one and, on Linux, the trash.

import { spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { ShellManners } from '../host/host.ts';
import { Fault } from '../shared/model/fault.ts';
import { findFolderDialog } from './folder-dialog.ts';
import { moveToTrash } from './trash.ts';

/** A file manager that is still there after this did not fail to start. */
const revealSettlesMs = 1_500;

export function openShellServices(): ShellManners {
  const folderDialog = findFolderDialog(process.env, process.platform);
  return {
    kind: 'browser',
    dialogs: false,
    folderDialog: folderDialog !== undefined,
    pickFiles: async () => [],
    pickFolderToSend: async () => [],
    pickDestination: async (current) => folderDialog?.(current),
    reveal,
    trash: moveToTrash,
    notify: () => undefined,
    showProgress: () => undefined,
    copy: async () => {
      throw new Fault('bridge-refused', 'the page has a clipboard of its own');
    },
    setScanning: () => undefined,
  };
}

/** Opens the folder only, never the file: what arrived is not run by looking for it. */
async function reveal(target: string): Promise<void> {
  const isFolder = await stat(target).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const folder = isFolder ? target : path.dirname(target);
  const opener = ({ darwin: 'open', win32: 'explorer' } as Partial<Record<string, string>>)[process.platform];
  const child = spawn(opener ?? 'xdg-open', [folder], { stdio: 'ignore', detached: true });
  await new Promise<void>((resolve, reject) => {
    const refuse = (cause?: unknown) => reject(new Fault('internal', 'no file manager opened', { cause }));
    const settled = setTimeout(resolve, revealSettlesMs);
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
