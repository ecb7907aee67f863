// Newer versions, by electron-updater, where the package names a release feed. It downloads between transfers and installs
// when Tincan quits; the updater's own checks of signature and digest stay on. Silent: a failed look is looked again later.

import { existsSync } from 'node:fs';
import path from 'node:path';
import type { AppUpdater } from 'electron-updater';
import { feedFile, mayUpdate, updateEveryMs, updateFirstMs } from './update-rule.ts';

export type UpdateOptions = {
  readonly isPackaged: boolean;
  /** Where the packager puts what lies beside the app. */
  readonly resources: string;
  readonly isBusy: () => boolean;
  /** Loaded only once a feed was found: without one, the updater never runs a line. */
  readonly load: () => Promise<AppUpdater>;
};

export function startUpdates({ isPackaged, resources, isBusy, load }: UpdateOptions): { close(): void } {
  const hasFeed = existsSync(path.join(resources, feedFile));
  if (mayUpdate({ isPackaged, hasFeed, isBusy: false }) === 'never') return { close: () => undefined };
  let timer: NodeJS.Timeout | undefined;
  let updater: AppUpdater | undefined;

  const look = async (): Promise<void> => {
    if (mayUpdate({ isPackaged, hasFeed, isBusy: isBusy() }) !== 'look') return;
    updater ??= prepare(await load());
    await updater.checkForUpdates();
  };
  const plan = (afterMs: number): void => {
    timer = setTimeout(() => {
      // No network, no feed today, a bad signature: all the same to the person, who keeps what is installed.
      void look()
        .catch(() => undefined)
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
    loaded.on('error', () => undefined);
    loaded.on('update-available', () => {
      if (!isBusy()) void loaded.downloadUpdate().catch(() => undefined);
    });
    return loaded;
  };

  plan(updateFirstMs);
  return { close: () => clearTimeout(timer) };
}
