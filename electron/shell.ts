// Puts the desktop app together: locks first, then the host, then the window. Called once, before the app is ready.

import path from 'node:path';
import { app, BrowserWindow, powerMonitor, session } from 'electron';
import type { Host, HostOptions } from '../host/host.ts';
import { featuresOff, featuresOn } from '../shared/model/window-switches.ts';
import { declareAppScheme, serveAppScheme } from './app-scheme.ts';
import { dangerousSwitches, type LaunchRequest, readArguments, readLink } from './argv.ts';
import { openBridge } from './bridge.ts';
import { followLanguage } from './language.ts';
import { guardLeaving } from './leaving.ts';
import { bringForward, openManners } from './manners.ts';
import { refuseRemote } from './navigation.ts';
import { pageUrl } from './origin.ts';
import { guardPermissions, openScanGate } from './permissions.ts';
import { smokeBuildName } from './smoke-build.ts';
import { startUpdates } from './updates.ts';
import { openWindow } from './window.ts';

export type ShellOptions = {
  readonly openHost: (options: HostOptions) => Promise<Host>;
  /** The folder that holds the built rooms. */
  readonly dist: string;
};

export async function startShell({ openHost, dist }: ShellOptions): Promise<void> {
  const { isPackaged } = app;
  const args = process.argv.slice(isPackaged ? 1 : 2);
  const isShipped = isPackaged && app.name !== smokeBuildName;
  const bad = isShipped ? dangerousSwitches(process.argv.slice(1)) : [];
  if (bad.length > 0) {
    console.error(`Tincan does not start with --${bad.join(', --')}.`);
    app.exit(2);
    return;
  }
  const request = readArguments(args, process.cwd());
  // A data folder of its own is an instance of its own: the lock lives in it.
  if (request.dataDir !== undefined) app.setPath('userData', request.dataDir);
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return;
  }
  app.enableSandbox();
  app.commandLine.appendSwitch('disable-features', featuresOff);
  app.commandLine.appendSwitch('enable-features', featuresOn);
  declareAppScheme();

  // A link or a file may arrive before there is anything to give it to; both wait here, and only here.
  let host: Host | undefined;
  let window: BrowserWindow | undefined;
  const early: LaunchRequest[] = [request];
  const take = (next: LaunchRequest): void => {
    if (host === undefined) {
      if (early.length < earlyMax) early.push(next);
      return;
    }
    if (next.paths.length > 0) void host.stagePaths(next.paths).catch(report);
    if (next.link !== undefined) host.offerCodeLink(next.link);
  };
  app.on('second-instance', (_event, argv, cwd) => {
    const again = readArguments(argv.slice(isPackaged ? 1 : 2), cwd);
    host?.note({ is: 'launched-again', paths: again.paths.length, links: again.link === undefined ? 0 : 1 });
    take(again);
    bringForward(window);
  });
  app.on('open-file', (event, file) => {
    event.preventDefault();
    take({ paths: [file] });
  });
  app.on('open-url', (event, url) => {
    event.preventDefault();
    const link = readLink(url);
    if (link !== undefined) take({ paths: [], link });
  });

  await app.whenReady();
  if (isPackaged) app.setAsDefaultProtocolClient('tincan');
  const home = (isPackaged ? undefined : process.env.TINCAN_DEV_URL) ?? pageUrl;
  const gate = openScanGate();
  guardPermissions(session.defaultSession, gate, home);
  refuseRemote(session.defaultSession, home, isPackaged);
  if (home === pageUrl) serveAppScheme(session.defaultSession, path.join(dist, 'renderer'));

  const manners = openManners(() => window, gate);
  const dataDir = app.getPath('userData');
  const opened = await openHost({
    dataDir,
    version: app.getVersion(),
    manners,
    ...(request.downloadDir === undefined ? {} : { downloadDir: request.downloadDir }),
  });
  host = opened;
  const words = await followLanguage(opened);
  for (const waiting of early.splice(0)) take(waiting);
  powerMonitor.on('resume', () => opened.networkChanged('woke'));
  powerMonitor.on('lock-screen', () => {
    gate.set(false);
    opened.screenLocked();
  });

  const updates = startUpdates({
    isPackaged,
    resources: process.resourcesPath ?? dist,
    isBusy: () => opened.isBusy(),
    note: opened.note,
    load: async () => (await import('electron-updater')).autoUpdater,
  });
  const bridge = openBridge({ host: opened, home, contents: () => window?.webContents });
  const leaving = guardLeaving({
    isBusy: () => opened.isBusy(),
    window: () => window,
    icon: path.join(dist, '../electron/tray.png'),
    words,
    close: async () => {
      updates.close();
      bridge.close();
      manners.close();
      await opened.close();
    },
  });
  const show = (): void => {
    const shown = openWindow({
      home,
      preload: path.join(dist, 'electron/preload.cjs'),
      boundsFile: path.join(dataDir, 'window.json'),
      devTools: !isPackaged,
      note: opened.note,
    });
    window = shown;
    leaving.watch(shown);
    shown.on('closed', () => {
      if (window === shown) window = undefined;
    });
  };
  show();
  app.on('activate', () => (BrowserWindow.getAllWindows().length === 0 ? show() : bringForward(window)));
}

/** Launches remembered before the host is open. */
const earlyMax = 16;

function report(error: unknown): void {
  console.error(error instanceof Error ? error.name : 'a launch could not be taken');
}
