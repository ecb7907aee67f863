// An installer that the system ends in the middle leaves no program: none starts while the session ends.

import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BrowserWindow } from 'electron/main';
import type { AppUpdater } from 'electron-updater';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import * as fake from './electron-fake.ts';

vi.mock('electron/main', () => import('./electron-fake.ts'));
vi.mock('electron/common', () => import('./electron-fake.ts'));

const { guardQuit } = await import('../../../electron/quit-guard.ts');
const { desktopStrings } = await import('../../../electron/strings.ts');
const { updateFirstMs } = await import('../../../electron/update-rule.ts');
const { startUpdates } = await import('../../../electron/updates.ts');

/** At `quit` it does what electron-updater does (`addQuitHandler` in BaseUpdater.ts). */
class DownloadedUpdate extends EventEmitter {
  autoInstallOnAppQuit = false;
  installed = 0;
  checkForUpdates = async () => undefined;
  constructor() {
    super();
    fake.app.on('quit', () => {
      if (this.autoInstallOnAppQuit) this.installed += 1;
    });
  }
}

let resources: string;
beforeEach(() => {
  vi.useFakeTimers();
  resources = mkdtempSync(path.join(tmpdir(), 'tincan-update-'));
  writeFileSync(path.join(resources, 'app-update.yml'), 'provider: generic');
  vi.spyOn(fake.app, 'quit').mockImplementation(() => {
    const preventDefault = vi.fn();
    fake.app.emit('before-quit', { preventDefault });
    if (preventDefault.mock.calls.length === 0) fake.app.emit('quit');
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  fake.app.removeAllListeners();
  fake.powerMonitor.removeAllListeners();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(signal);
  rmSync(resources, { recursive: true });
});

const event = { preventDefault: () => undefined };

it.each([
  ['the person quits', 1, () => fake.app.quit()],
  ['Windows ends the session', 0, (window: EventEmitter) => window.emit('query-session-end', event)],
  ['Windows has ended the session', 0, (window: EventEmitter) => window.emit('session-end', event)],
  ['Linux shuts down', 0, () => fake.powerMonitor.emit('shutdown', event)],
  ['the session of Linux is ended by systemd', 0, () => process.emit('SIGTERM')],
  ['a terminal is closed', 0, () => process.emit('SIGHUP')],
] as const)('where %s, a downloaded update is installed %i times', async (_, times, end) => {
  const updater = new DownloadedUpdate();
  const updates = startUpdates({
    isPackaged: true,
    resources,
    isBusy: () => false,
    note: () => undefined,
    load: async () => updater as unknown as AppUpdater,
  });
  await vi.advanceTimersByTimeAsync(updateFirstMs);
  const window = new EventEmitter();
  const guard = guardQuit({
    isBusy: () => false,
    window: () => undefined,
    icon: '',
    hasTray: true,
    strings: () => desktopStrings('en'),
    send: () => undefined,
    dropped: () => undefined,
    onSessionEnd: updates.leaveForLater,
    close: async () => updates.close(),
  });
  guard.watch(window as BrowserWindow);
  end(window);
  await vi.advanceTimersByTimeAsync(0);
  expect(updater.installed).toBe(times);
});
