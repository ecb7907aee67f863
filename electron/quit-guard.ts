// Quitting while bytes move: closing the window keeps Tincan in the tray, quitting asks once. A signal, a log-out or a shutdown
// asks nothing. Idle, none of this is in the way.

import { nativeImage } from 'electron/common';
import { app, type BrowserWindow, dialog, Menu, powerMonitor, Tray } from 'electron/main';
import { bringForward } from './shell-services.ts';
import type { DesktopStrings } from './strings.ts';

export type QuitGuardOptions = {
  readonly isBusy: () => boolean;
  readonly window: () => BrowserWindow | undefined;
  readonly icon: string;
  /** The desktop shows tray icons. Where it does not, a hidden window could not be brought back. */
  readonly hasTray: boolean;
  /** In the language of this moment. */
  readonly strings: () => DesktopStrings;
  /** The tray's menu: asks the person what to send. */
  readonly send: (kind: 'files' | 'folder') => void;
  /** Files that were dropped on the tray's icon (macOS). */
  readonly dropped: (paths: readonly string[]) => void;
  /** The system ends this process soon, and whatever it starts. */
  readonly onSessionEnd: () => void;
  /** Everything that must be on disk before the process ends. */
  readonly close: () => Promise<void>;
};

export interface QuitGuard {
  watch(window: BrowserWindow): void;
  /** Nothing keeps Tincan from ending any more. */
  isEnding(): boolean;
}

export function guardQuit(options: QuitGuardOptions): QuitGuard {
  const { isBusy, hasTray, strings, close, window } = options;
  let at: 'running' | 'asking' | 'ending' | 'closing' | 'closed' = 'running';
  let tray: Tray | undefined;

  /** Nobody is there to answer a question, and the system does not wait for one. */
  const quitUnasked = (): void => {
    if (at === 'running' || at === 'asking') at = 'ending';
    app.quit();
  };

  const onSessionEnd = (): void => {
    options.onSessionEnd();
    quitUnasked();
  };

  /**
   * Windows, menus and signals go on while the question stands. The person may close the window, and the last bytes may have moved by
   * then: so there may be nothing left to keep going.
   */
  function isConfirmed(): boolean {
    at = 'asking';
    const isYes = confirmed(strings());
    if (at !== 'asking') return false;
    at = 'running';
    return isYes || window() === undefined;
  }

  app.on('before-quit', (event) => {
    if (at === 'closed') return;
    event.preventDefault();
    if (at === 'closing' || at === 'asking') return;
    if (at === 'running' && isBusy() && !isConfirmed()) return;
    at = 'closing';
    void close().finally(() => {
      at = 'closed';
      tray?.destroy();
      app.quit();
    });
  });
  app.on('window-all-closed', () => app.quit());
  // Node's handlers take the place of Chromium's, whose second signal ends the process at once
  // (shell/browser/electron_browser_main_parts_posix.cc). They must be set after the app is ready.
  process.on('SIGINT', quitUnasked);
  // A log-out of Linux sends these.
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, onSessionEnd);
  // macOS and Linux: the shutdown is held up until this process has ended.
  (powerMonitor as NodeJS.EventEmitter).on('shutdown', (event: { preventDefault(): void }) => {
    event.preventDefault();
    onSessionEnd();
  });

  return {
    isEnding: () => at !== 'running' && at !== 'asking',
    watch(shown) {
      shown.on('close', (event) => {
        if ((at !== 'running' && at !== 'asking') || !isBusy()) return;
        event.preventDefault();
        if (!hasTray) return shown.minimize();
        shown.hide();
        tray ??= openTray(options);
      });
      shown.on('show', () => {
        tray?.destroy();
        tray = undefined;
      });
      // Windows: log-out and shutdown end the process soon after this.
      shown.on('query-session-end', onSessionEnd);
      shown.on('session-end', onSessionEnd);
    },
  };
}

/** GNOME shows no tray icons without an extension; Ubuntu ships one. */
export function showsTray(platform: string, desktop = ''): boolean {
  const names = desktop.toLowerCase().split(':');
  return platform !== 'linux' || !names.includes('gnome') || names.includes('ubuntu');
}

function confirmed(strings: DesktopStrings): boolean {
  const choice = dialog.showMessageBoxSync({
    type: 'question',
    message: strings.stillMoving,
    detail: strings.whatIsKept,
    buttons: [strings.keepGoing, strings.quitAnyway],
    defaultId: 0,
    cancelId: 0,
  });
  return choice === 1;
}

function openTray({ dropped, icon, send, strings: stringsNow, window }: QuitGuardOptions): Tray {
  const strings = stringsNow();
  const image = nativeImage.createFromPath(icon);
  // macOS draws a template in the colour of the menu bar.
  if (process.platform === 'darwin') image.setTemplateImage(true);
  const tray = new Tray(image);
  tray.setToolTip(strings.trayTip);
  tray.setContextMenu(
    Menu.buildFromTemplate([
      { label: strings.show, click: () => bringForward(window()) },
      { label: strings.sendFiles, click: () => send('files') },
      { label: strings.sendFolder, click: () => send('folder') },
      { label: strings.quit, click: () => app.quit() },
    ]),
  );
  tray.on('click', () => bringForward(window()));
  tray.on('drop-files', (_event, paths) => dropped(paths));
  return tray;
}
