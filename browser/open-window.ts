// Shows the page as an app window of an installed browser, with a profile of its own: no extension reads the page, and the
// switches Tincan needs reach a fresh process. Promises: nothing secret stands in the browser's arguments or environment.

import { spawn } from 'node:child_process';
import path from 'node:path';
import { featuresOff, featuresOn } from '../shared/model/window-switches.ts';

export type AppWindow = { close(): void };

export type WindowOptions = {
  readonly browser: string;
  /** An address that every account may read. */
  readonly url: string;
  readonly dataDir: string;
  /** The browser could not be started; the system's error code. */
  readonly onFailed: (code: string | undefined) => void;
};

export function openWindow({ browser, url, dataDir, onFailed }: WindowOptions): AppWindow {
  const isRootOnLinux = process.platform === 'linux' && process.getuid?.() === 0;
  const child = spawn(
    browser,
    [
      `--app=${url}`,
      `--user-data-dir=${path.join(dataDir, 'browser-profile')}`,
      `--disable-features=${featuresOff}`,
      `--enable-features=${featuresOn}`,
      '--disable-background-timer-throttling',
      '--no-first-run',
      // Chromium refuses to start as root with its sandbox.
      ...(isRootOnLinux ? ['--no-sandbox'] : []),
    ],
    { stdio: 'ignore' },
  );
  child.on('error', (error: NodeJS.ErrnoException) => onFailed(error.code));
  return { close: () => void child.kill() };
}
