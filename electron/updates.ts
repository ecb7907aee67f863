// Newer versions, by electron-updater, where the package names a release feed. It downloads between transfers and installs
// when Tincan quits; the updater's own checks of signature and digest stay on. Silent: a failed look is looked again later.

import { existsSync } from 'node:fs';
import path from 'node:path';
import type { AppUpdater } from 'electron-updater';
import type { LogEvent } from '../host/log-event.ts';
import { feedFile, mayUpdate, updateEveryMs, updateFirstMs } from './update-rule.ts';

export type UpdateOptions = {
  readonly isPackaged: boolean;
  /** Where the packager puts what lies beside the app. */
  readonly resources: string;
  readonly isBusy: () => boolean;
  readonly note: (event: LogEvent) => void;
  /** Loaded only once a feed was found: without one, the updater never runs a line. */
  readonly load: () => Promise<AppUpdater>;
};

export type Updates = {
  /** What was downloaded is installed when Tincan quits another time. */
  leaveForLater(): void;
  close(): void;
};

export function startUpdates({ isPackaged, resources, isBusy, note, load }: UpdateOptions): Updates {
  const hasFeed = existsSync(path.join(resources, feedFile));
  if (mayUpdate({ isPackaged, hasFeed, isBusy: false }) === 'never')
    return { leaveForLater: () => undefined, close: () => undefined };
  let timer: NodeJS.Timeout | undefined;
  let updater: AppUpdater | undefined;

  const look = async (): Promise<void> => {
    if (mayUpdate({ isPackaged, hasFeed, isBusy: isBusy() }) !== 'look') return;
    updater ??= prepare(await load());
    note({ is: 'update', at: 'looking' });
    await updater.checkForUpdates();
  };
  const plan = (afterMs: number): void => {
    timer = setTimeout(() => {
      // No network, no feed today, a bad signature: all the same to the person, who keeps what is installed.
      void look()
        .catch(() => note({ is: 'update', at: 'failed' }))
        .finally(() => plan(updateEveryMs));
    }, afterMs);
    timer.unref();
  };
  /** Bytes of the update must not take the line from bytes of a transfer: each download asks again. */
  const prepare = (loaded: AppUpdater): AppUpdater => {
    loaded.autoDownload = false;
    loaded.autoInstallOnAppQuit = true;
    loaded.allowDowngrade = false;
    loaded.allowPrerelease = false;
    loaded.logger = null;
    // Whoever asked is told as well, by a promise that fails; without a listener the process would end.
    loaded.on('error', () => undefined);
    loaded.on('update-downloaded', () => note({ is: 'update', at: 'ready' }));
    loaded.on('update-available', () => {
      note({ is: 'update', at: 'found' });
      if (isBusy()) return;
      note({ is: 'update', at: 'fetching' });
      void loaded.downloadUpdate().catch(() => note({ is: 'update', at: 'failed' }));
    });
    return loaded;
  };

  plan(updateFirstMs);
  return {
    leaveForLater() {
      // On Windows and Linux the updater looks at it again when it is about to install.
      if (updater !== undefined) updater.autoInstallOnAppQuit = false;
    },
    close: () => clearTimeout(timer),
  };
}
