// When Tincan may look for a newer version of itself, and that it never does so beside a transfer.

import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { AppUpdater } from 'electron-updater';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { mayUpdate, updateEveryMs, updateFirstMs } from '../../../electron/update-rule.ts';
import { startUpdates } from '../../../electron/updates.ts';
import type { LogEvent } from '../../../host/log-event.ts';

class FakeUpdater extends EventEmitter {
  autoDownload = true;
  allowDowngrade = true;
  checkForUpdates = vi.fn(async () => undefined);
  downloadUpdate = vi.fn(async () => []);
}

describe('the rule', () => {
  it.each([
    [{ isPackaged: true, hasFeed: true, isBusy: false }, 'look'],
    [{ isPackaged: true, hasFeed: true, isBusy: true }, 'later'],
    [{ isPackaged: true, hasFeed: false, isBusy: false }, 'never'],
    [{ isPackaged: false, hasFeed: true, isBusy: false }, 'never'],
  ] as const)('%o: %s', (facts, verdict) => {
    expect(mayUpdate(facts)).toBe(verdict);
  });
});

describe('the updater', () => {
  let resources: string;
  let busy: boolean;
  let updater: FakeUpdater;
  let noted: LogEvent[];
  const load = vi.fn(async () => updater as unknown as AppUpdater);
  const start = () =>
    startUpdates({ isPackaged: true, resources, isBusy: () => busy, note: (event) => noted.push(event), load });

  beforeEach(() => {
    vi.useFakeTimers();
    resources = mkdtempSync(path.join(tmpdir(), 'tincan-updates-'));
    busy = false;
    noted = [];
    updater = new FakeUpdater();
    load.mockClear();
  });
  afterEach(() => {
    vi.useRealTimers();
    rmSync(resources, { recursive: true, force: true });
  });

  it('is not even loaded where no feed is configured', async () => {
    start();
    await vi.advanceTimersByTimeAsync(updateFirstMs + 2 * updateEveryMs);
    expect(load).not.toHaveBeenCalled();
  });

  it('waits for transfers to end, then looks, and fetches between transfers only', async () => {
    writeFileSync(path.join(resources, 'app-update.yml'), 'provider: generic');
    busy = true;
    const updates = start();
    await vi.advanceTimersByTimeAsync(updateFirstMs);
    expect(load).not.toHaveBeenCalled();
    busy = false;
    await vi.advanceTimersByTimeAsync(updateEveryMs);
    expect(updater.checkForUpdates).toHaveBeenCalledOnce();
    expect([updater.autoDownload, updater.allowDowngrade]).toEqual([false, false]);
    busy = true;
    updater.emit('update-available');
    expect(updater.downloadUpdate).not.toHaveBeenCalled();
    busy = false;
    updater.emit('update-available');
    expect(updater.downloadUpdate).toHaveBeenCalledOnce();
    updater.emit('update-downloaded');
    const update = (at: string) => ({ is: 'update', at });
    expect(noted).toEqual(['looking', 'found', 'found', 'fetching', 'ready'].map(update));
    updates.close();
  });

  it('goes on after a look that failed', async () => {
    writeFileSync(path.join(resources, 'app-update.yml'), 'provider: generic');
    updater.checkForUpdates.mockRejectedValueOnce(new Error('no network'));
    const updates = start();
    await vi.advanceTimersByTimeAsync(updateFirstMs + updateEveryMs);
    expect(updater.checkForUpdates).toHaveBeenCalledTimes(2);
    expect(noted.map((event) => event.is === 'update' && event.at)).toEqual(['looking', 'failed', 'looking']);
    updates.close();
    await vi.advanceTimersByTimeAsync(updateEveryMs);
    expect(updater.checkForUpdates).toHaveBeenCalledTimes(2);
  });
});
