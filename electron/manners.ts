// What Electron lends the host: dialogs, the file manager, the trash, notifications, the clipboard and the taskbar.

import { type BrowserWindow, clipboard, dialog, Notification, powerSaveBlocker, safeStorage, shell } from 'electron';
import type { ShellManners } from '../host/host.ts';
import type { SecretBox } from '../host/lan/known-store.ts';
import type { ScanGate } from './permissions.ts';

export type Manners = ShellManners & { close(): void };

export function openManners(window: () => BrowserWindow | undefined, gate: ScanGate): Manners {
  let blocker: number | undefined;
  // A notification that nobody holds is collected and its click is lost; the last one is enough to hold.
  let lastNotice: Notification | undefined;

  const keepAwake = (busy: boolean): void => {
    if (busy && blocker === undefined) blocker = powerSaveBlocker.start('prevent-app-suspension');
    if (!busy && blocker !== undefined) {
      powerSaveBlocker.stop(blocker);
      blocker = undefined;
    }
  };

  const ask = async (properties: NonNullable<Electron.OpenDialogOptions['properties']>, defaultPath?: string) => {
    const options = { properties, ...(defaultPath === undefined ? {} : { defaultPath }) };
    const parent = window();
    const answer = await (parent === undefined
      ? dialog.showOpenDialog(options)
      : dialog.showOpenDialog(parent, options));
    return answer.canceled ? [] : answer.filePaths;
  };

  return {
    kind: 'electron',
    dialogs: true,
    folderDialog: true,
    pickFiles: () => ask(['openFile', 'multiSelections']),
    pickFolderToSend: () => ask(['openDirectory', 'multiSelections']),
    pickDestination: async (current) => (await ask(['openDirectory', 'createDirectory'], current))[0],
    reveal: async (path) => shell.showItemInFolder(path),
    trash: (path) => shell.trashItem(path),
    notify(title, body) {
      if (!Notification.isSupported()) return;
      lastNotice = new Notification({ title, body });
      lastNotice.on('click', () => bringForward(window()));
      lastNotice.show();
    },
    showProgress(fraction, busy) {
      window()?.setProgressBar(fraction ?? (busy ? 2 : -1));
      keepAwake(busy);
    },
    copy: async (text) => {
      await clipboard.writeText(text);
    },
    setScanning: (on) => gate.set(on),
    secrets: openSecretBox,
    close() {
      keepAwake(false);
      lastNotice = undefined;
    },
  };
}

/** Linux without a keyring offers encryption with a constant password; that is no keychain. */
function openSecretBox(): SecretBox | undefined {
  if (!safeStorage.isEncryptionAvailable()) return undefined;
  if (process.platform === 'linux' && safeStorage.getSelectedStorageBackend() === 'basic_text') return undefined;
  return {
    seal: (plain) => safeStorage.encryptString(plain).toString('base64'),
    open: (sealed) => safeStorage.decryptString(Buffer.from(sealed, 'base64')),
  };
}

export function bringForward(window: BrowserWindow | undefined): void {
  if (window === undefined) return;
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}
