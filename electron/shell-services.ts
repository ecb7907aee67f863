// What main lends the host process: dialogs, the file manager, the trash, notifications, the clipboard, the taskbar and the
// keychain.

import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { shell } from 'electron/common';
import { type BrowserWindow, clipboard, dialog, Notification, powerSaveBlocker, safeStorage } from 'electron/main';
import { codesAlone } from '../shared/code/pasted-text.ts';
import type { Handlers } from '../shared/ipc/calls.ts';
import { Fault } from '../shared/model/fault.ts';
import { clipboardMaxChars } from '../shared/wire/limits.ts';
import type { ScanGate } from './permissions.ts';
import type { ShellCalls } from './process-calls.ts';
import type { DesktopStrings } from './strings.ts';

/** On Linux `openPath` starts a program, and its promise never settles. */
const openAnswersInMs = 1_500;

export type ShellCallServer = { readonly calls: Handlers<ShellCalls>; close(): void };

export type ShellServicesOptions = {
  readonly window: () => BrowserWindow | undefined;
  readonly gate: ScanGate;
  /** In the language of this moment. */
  readonly strings: () => DesktopStrings;
  /** The file of the guest page. */
  readonly guestPage: string;
};

export function openShellServices({ window, gate, strings, guestPage }: ShellServicesOptions): ShellCallServer {
  let blocker: number | undefined;
  // A notification that nobody holds is collected and its click is lost; the last one is enough to hold.
  let lastNotification: Notification | undefined;

  const keepAwake = (busy: boolean): void => {
    if (busy && blocker === undefined) blocker = powerSaveBlocker.start('prevent-app-suspension');
    if (!busy && blocker !== undefined) {
      powerSaveBlocker.stop(blocker);
      blocker = undefined;
    }
  };

  /** `asks`: what for. A page that was taken over may ask for another dialog than it says, and what is picked in one of them is read. */
  const pick = async (asks: 'sendFiles' | 'sendFolder' | 'chooseWhereToSave', more: Electron.OpenDialogOptions) => {
    const title = strings()[asks];
    // macOS shows the message, the others the title.
    const options = { title, message: title, ...more };
    const parent = window();
    const answer = await (parent === undefined
      ? dialog.showOpenDialog(options)
      : dialog.showOpenDialog(parent, options));
    return answer.canceled ? [] : answer.filePaths;
  };

  /** Not in the page: one that was taken over would answer itself. Neither Enter nor Escape opens the file. */
  const confirmOpen = async (name: string): Promise<boolean> => {
    const { cancel, openAnyway, openTitle, openWarning } = strings();
    const question: Electron.MessageBoxOptions = {
      type: 'warning',
      message: openTitle,
      detail: openWarning.replace('{{name}}', () => name),
      buttons: [cancel, openAnyway],
      defaultId: 0,
      cancelId: 0,
      noLink: true,
    };
    const parent = window();
    const { response } = await (parent === undefined
      ? dialog.showMessageBox(question)
      : dialog.showMessageBox(parent, question));
    return response === 1;
  };

  return {
    calls: {
      pickFiles: () => pick('sendFiles', { properties: ['openFile', 'multiSelections'] }),
      pickFolderToSend: () => pick('sendFolder', { properties: ['openDirectory', 'multiSelections'] }),
      async pickDestination({ current }) {
        const properties = ['openDirectory', 'createDirectory'] as const;
        const [picked] = await pick('chooseWhereToSave', { properties: [...properties], defaultPath: current });
        return picked ?? null;
      },
      reveal: ({ path }) => shell.showItemInFolder(path),
      async openFile({ path }) {
        // It answers with what went wrong, and with nothing when nothing did.
        const answer = shell.openPath(path);
        const problem =
          process.platform === 'linux' ? await Promise.race([answer, pause(openAnswersInMs, '')]) : await answer;
        if (problem !== '') throw new Fault('not-opened', 'no program opened it');
      },
      confirmOpen: ({ name }) => confirmOpen(name),
      async openLink({ url }) {
        // The host judged it; main starts nothing else all the same.
        if (!/^https?:/.test(url)) throw new Fault('bridge-refused', 'only links to the web are opened');
        await shell.openExternal(url).catch((cause: unknown) => {
          throw new Fault('not-opened', 'no program opened it', { cause });
        });
      },
      trash: ({ path }) => shell.trashItem(path),
      notify({ title, body }) {
        if (!Notification.isSupported()) return;
        // The newest only: a peer chooses how often there is something to tell, and some desktops pile up what they are given.
        lastNotification?.close();
        lastNotification = new Notification({ title, body: asPlainText(body) });
        lastNotification.on('click', () => bringForward(window()));
        lastNotification.show();
      },
      showProgress({ fraction, busy }) {
        window()?.setProgressBar(fraction ?? (busy ? 2 : -1));
        keepAwake(busy);
      },
      copy: async ({ text }) => {
        await clipboard.writeText(text);
      },
      // A page that was taken over learns codes this way, and nothing else that people copy.
      readCode: async () => {
        const copied = await clipboard.readText();
        return copied.length <= clipboardMaxChars ? (codesAlone(copied) ?? null) : null;
      },
      setScanning: ({ on }) => gate.set(on),
      // Main reads it: the host process sees the app's archive as one file.
      guestPage: () => readFile(guestPage),
      seal: async ({ plain }) =>
        (await hasKeychain()) ? (await safeStorage.encryptStringAsync(plain)).toString('base64') : null,
      async unseal({ sealed }) {
        if (!(await hasKeychain())) throw new Fault('keychain-locked', 'there is no keychain at the moment');
        try {
          return (await safeStorage.decryptStringAsync(Buffer.from(sealed, 'base64'))).result;
        } catch {
          // Locked, refused by the person, or made by another installation: the words for it differ from system to system.
          throw new Fault('keychain-locked', 'the keychain did not open what is kept');
        }
      },
    },
    close() {
      keepAwake(false);
      lastNotification = undefined;
    },
  };
}

/**
 * Linux desktops read the body of a notification as markup with links and pictures, and Electron passes it on as it is
 * (shell/browser/notifications/linux/libnotify_notification.cc). A peer chooses names that stand in it. An entity would be shown as
 * such by desktops that read no markup; without this sign there is none.
 */
function asPlainText(body: string): string {
  return process.platform === 'linux' ? body.replaceAll('<', '‹') : body;
}

/** Linux without a keyring offers encryption with a constant password; that is no keychain. */
async function hasKeychain(): Promise<boolean> {
  if (process.platform === 'linux' && safeStorage.getSelectedStorageBackend() === 'basic_text') return false;
  return safeStorage.isAsyncEncryptionAvailable();
}

export function bringForward(window: BrowserWindow | undefined): void {
  if (window === undefined) return;
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}
