// The one window: fixed security settings, remembered bounds, and a page that comes back after a crash.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { BrowserWindow, type Rectangle, screen } from 'electron/main';
import { type LogEvent, pageEnd } from '../host/log-event.ts';
import { pinNavigation } from './navigation.ts';

const smallest = { width: 380, height: 480 };
const usual = { width: 1080, height: 760 };
/** A page that dies this often in the window below will not be brought back again by itself. */
const crashesMax = 3;
const crashWindowMs = 60_000;
/** A window is shown after this long, whatever its page does. */
const showAtLatestMs = 3_000;

export type WindowOptions = {
  readonly home: string;
  readonly preload: string;
  readonly boundsFile: string;
  readonly devTools: boolean;
  readonly note: (event: LogEvent) => void;
  /** Its page keeps dying. Answers whether the person wants it to start again. */
  readonly askToStartAgain: () => Promise<boolean>;
};

export function openWindow(options: WindowOptions): BrowserWindow {
  const { home, preload, boundsFile, devTools, note, askToStartAgain } = options;
  const window = new BrowserWindow({
    ...usual,
    ...readBounds(boundsFile),
    minWidth: smallest.width,
    minHeight: smallest.height,
    show: false,
    autoHideMenuBar: true,
    title: 'Tincan',
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      safeDialogs: true,
      spellcheck: false,
      // Bytes keep moving while the window is covered or hidden.
      backgroundThrottling: false,
      devTools,
    },
  });
  const { webContents } = window;
  pinNavigation(webContents, home);
  webContents.setWebRTCIPHandlingPolicy('default');
  showOnceReady(window);
  window.on('close', () => rememberBounds(boundsFile, window.getNormalBounds()));

  let crashes: number[] = [];
  let isAsked = false;
  let isBroughtBack = false;
  webContents.on('did-finish-load', () => {
    if (isBroughtBack) note({ is: 'page-recovered', crashes: crashes.length });
    isBroughtBack = false;
  });
  webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit' || window.isDestroyed()) return;
    const now = performance.now();
    crashes = [...crashes.filter((at) => now - at < crashWindowMs), now];
    note({ is: 'page-crashed', why: pageEnd(reason) });
    if (crashes.length > crashesMax) {
      note({ is: 'page-given-up', crashes: crashes.length });
      if (!isAsked) void giveUp();
      return;
    }
    bringBack();
  });
  void window.loadURL(home);
  return window;

  function bringBack(): void {
    isBroughtBack = true;
    void window.loadURL(home);
  }

  /** A window without a page is empty and does not say why. */
  async function giveUp(): Promise<void> {
    isAsked = true;
    const isWanted = await askToStartAgain();
    isAsked = false;
    if (!isWanted || window.isDestroyed()) return;
    crashes = [];
    bringBack();
  }
}

/**
 * `ready-to-show` may never come under Wayland, where a hidden window draws no frame (electron#48859). A page that cannot be
 * loaded, or takes too long, is shown as well: an empty window can be closed, an invisible one cannot.
 */
function showOnceReady(window: BrowserWindow): void {
  const { webContents } = window;
  const show = (): void => {
    clearTimeout(timer);
    window.off('ready-to-show', show);
    webContents.off('did-finish-load', show);
    webContents.off('did-fail-load', show);
    if (!window.isDestroyed()) window.show();
  };
  const timer = setTimeout(show, showAtLatestMs);
  window.on('ready-to-show', show);
  webContents.on('did-finish-load', show);
  webContents.on('did-fail-load', show);
  window.once('closed', () => clearTimeout(timer));
}

/** Bounds of last time, if they can still be seen on some screen. */
function readBounds(file: string): Rectangle | undefined {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined; // The first start, or a file somebody spoilt: the usual size is right.
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { x, y, width, height } = value as Partial<Record<keyof Rectangle, unknown>>;
  if (!isWhole(x) || !isWhole(y) || !isWhole(width) || !isWhole(height)) return undefined;
  if (width < smallest.width || height < smallest.height) return undefined;
  const { workArea } = screen.getDisplayMatching({ x, y, width, height });
  const isVisible =
    x < workArea.x + workArea.width && x + width > workArea.x && y >= workArea.y && y < workArea.y + workArea.height;
  return isVisible ? { x, y, width, height } : undefined;
}

function rememberBounds(file: string, bounds: Rectangle): void {
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(bounds));
  } catch {
    // A full disk, say: the next window has the usual size.
  }
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value);
}
