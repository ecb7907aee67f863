// Leaving while bytes move: closing the window keeps Tincan in the tray, quitting asks once. Idle, neither is in the way.

import { app, type BrowserWindow, dialog, Menu, nativeImage, Tray } from 'electron';
import { bringForward } from './manners.ts';

export type LeavingOptions = {
  readonly isBusy: () => boolean;
  readonly window: () => BrowserWindow | undefined;
  readonly icon: string;
  /** Everything that must be on disk before the process ends. */
  readonly close: () => Promise<void>;
};

export function guardLeaving({ isBusy, window, icon, close }: LeavingOptions): { watch(window: BrowserWindow): void } {
  let at: 'running' | 'closing' | 'closed' = 'running';
  let tray: Tray | undefined;

  app.on('before-quit', (event) => {
    if (at === 'closed') return;
    event.preventDefault();
    if (at === 'closing' || (isBusy() && !confirmed())) return;
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
        tray ??= openTray(icon, window);
      });
      shown.on('show', () => {
        tray?.destroy();
        tray = undefined;
      });
    },
  };
}

function confirmed(): boolean {
  const choice = dialog.showMessageBoxSync({
    type: 'question',
    message: 'Files are still moving.',
    detail: 'What has arrived is kept, and the transfer can go on the next time both sides are linked.',
    buttons: ['Keep going', 'Quit'],
    defaultId: 0,
    cancelId: 0,
  });
  return choice === 1;
}

function openTray(icon: string, window: () => BrowserWindow | undefined): Tray {
  const tray = new Tray(nativeImage.createFromPath(icon));
  tray.setToolTip('Tincan: files are moving');
  tray.setContextMenu(
    Menu.buildFromTemplate([
      { label: 'Show Tincan', click: () => bringForward(window()) },
      { label: 'Quit', click: () => app.quit() },
    ]),
  );
  tray.on('click', () => bringForward(window()));
  return tray;
}
