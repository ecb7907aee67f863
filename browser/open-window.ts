// Shows the page as an app window of an installed browser, with a profile of its own: no extension reads the page, and the
// switches Tincan needs reach a fresh process.

import { spawn } from 'node:child_process';
import path from 'node:path';
import { featuresOff, featuresOn } from '../shared/model/window-switches.ts';
import { findBrowser } from './find-browser.ts';

export type AppWindow = { close(): void };

/** Undefined where no browser is installed. */
export function openWindow(url: string, dataDir: string): AppWindow | undefined {
  const browser = findBrowser(process.env, process.platform);
  if (browser === undefined) return undefined;
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
  child.on('error', (error: NodeJS.ErrnoException) => {
    console.error(`The browser could not be started (${error.code}). Open the address above in one yourself.`);
  });
  return { close: () => void child.kill() };
}
