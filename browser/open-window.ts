// Shows the page as an app window of an installed browser, with a profile of its own: no extension reads the page, and the
// switches Tincan needs reach a fresh process. Promises: nothing secret stands in the browser's arguments or environment.

import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { featuresOff, featuresOn } from '../shared/model/window-switches.ts';

export type AppWindow = { close(): void };

export type WindowOptions = {
  readonly browser: string;
  readonly kind: 'chromium' | 'firefox';
  /** An address that every account may read. */
  readonly url: string;
  readonly dataDir: string;
  /** The browser could not be started; the system's error code. */
  readonly onFailed: (code: string | undefined) => void;
};

export function openWindow({ browser, kind, url, dataDir, onFailed }: WindowOptions): AppWindow {
  const switches = kind === 'firefox' ? firefoxSwitches(url, dataDir) : chromiumSwitches(url, dataDir);
  const child = spawn(browser, switches, { stdio: 'ignore' });
  child.on('error', (error: NodeJS.ErrnoException) => onFailed(error.code));
  return { close: () => void child.kill() };
}

function chromiumSwitches(url: string, dataDir: string): string[] {
  const isRootOnLinux = process.platform === 'linux' && process.getuid?.() === 0;
  return [
    `--app=${url}`,
    `--user-data-dir=${path.join(dataDir, 'browser-profile')}`,
    `--disable-features=${featuresOff}`,
    `--enable-features=${featuresOn}`,
    '--disable-background-timer-throttling',
    '--no-first-run',
    // Chromium refuses to start as root with its sandbox.
    ...(isRootOnLinux ? ['--no-sandbox'] : []),
  ];
}

/** Firefox takes most of this from its profile. */
const firefoxPreferences: Readonly<Record<string, boolean | string>> = {
  // Addresses as they are: names of this kind do not pass every network.
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  'browser.aboutwelcome.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'browser.startup.homepage_override.mstone': 'ignore',
  'datareporting.policy.dataSubmissionEnabled': false,
};

function firefoxSwitches(url: string, dataDir: string): string[] {
  const profile = path.join(dataDir, 'firefox-profile');
  mkdirSync(profile, { recursive: true, mode: 0o700 });
  const lines = Object.entries(firefoxPreferences).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`,
  );
  writeFileSync(path.join(profile, 'user.js'), lines.join(''));
  return ['--new-instance', '--profile', profile, '--new-window', url];
}
