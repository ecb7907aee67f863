// What the browser shell lends the host: a file manager, a folder dialog where the desktop has one and, on Linux, the trash.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ShellServices } from '../host/host.ts';
import { Fault } from '../shared/model/fault.ts';
import { findFolderDialog } from './folder-dialog.ts';
import { openTarget } from './open-target.ts';
import { reveal } from './reveal.ts';
import { moveToTrash } from './trash.ts';

export type ShellServicesOptions = {
  /** Tincan ends. */
  readonly ending?: AbortSignal;
  /** The folder of the built page. */
  readonly pageDir?: string;
};

export function openShellServices({
  ending,
  pageDir = path.join(import.meta.dirname, '..', 'renderer'),
}: ShellServicesOptions = {}): ShellServices {
  const folderDialog = findFolderDialog(process.env, process.platform, ending);
  return {
    kind: 'browser',
    dialogs: false,
    folderDialog: folderDialog !== undefined,
    pickFiles: async () => [],
    pickFolderToSend: async () => [],
    pickDestination: async (current) => folderDialog?.(current),
    reveal,
    openFile: openTarget,
    openLink: openTarget,
    trash: moveToTrash,
    notify: () => undefined,
    showProgress: () => undefined,
    copy: async () => {
      throw new Fault('bridge-refused', 'the page has a clipboard of its own');
    },
    readCode: async () => {
      throw new Fault('bridge-refused', 'the page has a clipboard of its own');
    },
    setScanning: () => undefined,
    guestPage: () => readFile(path.join(pageDir, 'guest-page.bin')),
  };
}
