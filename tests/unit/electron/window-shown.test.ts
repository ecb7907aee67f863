// A window is shown on the first of four signs, once: an invisible window can be neither used nor closed. It closes on a full disk.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openWindow } from '../../../electron/window.ts';
import type * as fake from './electron-fake.ts';
import { page } from './fake-shell.ts';

vi.mock('electron/main', () => import('./electron-fake.ts'));
vi.mock('electron/common', () => import('./electron-fake.ts'));

const folder = mkdtempSync(path.join(tmpdir(), 'tincan-window-'));
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function open(boundsFile = path.join(folder, 'window.json')): fake.BrowserWindow {
  const window = { home: page, preload: '/preload.cjs', boundsFile, devTools: false };
  const shell = { note: () => undefined, askToStartAgain: async () => false };
  return openWindow({ ...window, ...shell }) as unknown as fake.BrowserWindow;
}

describe('a window', () => {
  it.each([
    ['its first frame', (window: fake.BrowserWindow) => window.emit('ready-to-show')],
    ['its loaded page', ({ webContents }: fake.BrowserWindow) => webContents.emit('did-finish-load')],
    ['its failed page', ({ webContents }: fake.BrowserWindow) => webContents.emit('did-fail-load')],
    ['three seconds without any of them', () => vi.advanceTimersByTime(1)],
  ])('is shown by %s, and by nothing after it', (_sign, happen) => {
    const window = open();
    vi.advanceTimersByTime(2_999);
    expect(window.visible).toBe(false);
    happen(window);
    expect(window.visible).toBe(true);
    window.visible = false;
    window.emit('ready-to-show');
    window.webContents.emit('did-finish-load');
    vi.advanceTimersByTime(60_000);
    expect(window.visible).toBe(false);
  });

  it('closes though the disk does not take its bounds', () => {
    writeFileSync(path.join(folder, 'file'), '');
    expect(() => open(path.join(folder, 'file', 'window.json')).emit('close')).not.toThrow();
  });
});
