// Leaving while bytes move: closing the window keeps Tincan in the tray, quitting asks once. Idle, neither is in the way.

import { app, type BrowserWindow, dialog, Menu, nativeImage, Tray } from 'electron';
import { bringForward } from './manners.ts';
import type { DesktopWords } from './words.ts';

export type LeavingOptions = {
  readonly isBusy: () => boolean;
  readonly window: () => BrowserWindow | undefined;
  readonly icon: string;
  /** In the language of this moment. */
  readonly words: () => DesktopWords;
  /** Everything that must be on disk before the process ends. */
  readonly close: () => Promise<void>;
};

export function guardLeaving({ isBusy, window, icon, words, close }: LeavingOptions): {
  watch(window: BrowserWindow): void;
} {
  let at: 'running' | 'closing' | 'closed' = 'running';
  let tray: Tray | undefined;

  app.on('before-quit', (event) => {
    if (at === 'closed') return;
    event.preventDefault();
    if (at === 'closing' || (isBusy() && !confirmed(words()))) return;
    at = 'closing';
    void close().finally(() => {
      at = 'closed';
      tray?.destroy();
      app.quit();
    });
  });
  app.on('window-all-closed', () => app.quit());

  return {
    watch(shown) {
      shown.on('close', (event) => {
        if (at !== 'running' || !isBusy()) return;
        event.preventDefault();
        shown.hide();
        tray ??= openTray(icon, words(), window);
      });
      shown.on('show', () => {
        tray?.destroy();
        tray = undefined;
      });
    },
  };
}

function confirmed(words: DesktopWords): boolean {
  const choice = dialog.showMessageBoxSync({
    type: 'question',
    message: words.stillMoving,
    detail: words.whatIsKept,
    buttons: [words.keepGoing, words.quitAnyway],
    defaultId: 0,
    cancelId: 0,
  });
  return choice === 1;
}

function openTray(icon: string, words: DesktopWords, window: () => BrowserWindow | undefined): Tray {
  const tray = new Tray(nativeImage.createFromPath(icon));
  tray.setToolTip(words.trayTip);
  tray.setContextMenu(
    Menu.buildFromTemplate([
      { label: words.show, click: () => bringForward(window()) },
      { label: words.quit, click: () => app.quit() },
    ]),
  );
  tray.on('click', () => bringForward(window()));
  return tray;
}
