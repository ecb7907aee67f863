// Puts the desktop app together: locks first, then the host process, then the window. Called once, before the app is ready.

import path from 'node:path';
import { app, BrowserWindow, dialog, powerMonitor, session } from 'electron/main';
import { featuresOff, featuresOn } from '../shared/model/window-switches.ts';
import { pathsMax } from '../shared/wire/limits.ts';
import { declareAppScheme, serveAppScheme } from './app-scheme.ts';
import {
  dangerousSwitches,
  type Launch,
  ownArguments,
  readArguments,
  readLaunch,
  readLink,
  writeArguments,
} from './argv.ts';
import { openBridge } from './bridge.ts';
import { readDroppedPaths } from './dropped-paths.ts';
import { openHostNews } from './host-news.ts';
import { type GivenUp, type HostSupervisor, superviseHost } from './host-supervisor.ts';
import { openDesktopLanguage, systemStrings } from './language.ts';
import { type Opened, openLaunches } from './launches.ts';
import { isLockImpossible } from './lock-refused.ts';
import { refuseRemote } from './navigation.ts';
import { pageUrl } from './origin.ts';
import { guardPermissions, openScanGate } from './permissions.ts';
import { guardQuit, type QuitGuard, showsTray } from './quit-guard.ts';
import { bringForward, openShellServices } from './shell-services.ts';
import { smokeBuildName } from './smoke-build.ts';
import type { DesktopStrings } from './strings.ts';
import { claimSystemNames } from './system-names.ts';
import { startUpdates } from './updates.ts';
import { openWindow } from './window.ts';

export type ShellOptions = {
  /** The folder that holds the built rooms. */
  readonly dist: string;
};

export async function startShell({ dist }: ShellOptions): Promise<void> {
  const { isPackaged } = app;
  const isShipped = isPackaged && app.name !== smokeBuildName;
  const bad = isShipped ? dangerousSwitches(process.argv.slice(1)) : [];
  if (bad.length > 0) {
    console.error(`Tincan does not start with --${bad.join(', --')}.`);
    app.exit(2);
    return;
  }
  const cwd = process.cwd();
  const args = ownArguments(process.argv, cwd, { isPackaged, appPath: app.getAppPath() });
  const request = readArguments(args, cwd);
  // A data folder of its own is an instance of its own: the lock lives in it.
  if (request.dataDir !== undefined) app.setPath('userData', request.dataDir);
  if (!app.requestSingleInstanceLock({ args: [...args], cwd } satisfies Launch)) {
    const folder = app.getPath('userData');
    if (isLockImpossible(folder)) await tellUnusable(folder);
    else app.quit();
    return;
  }
  app.enableSandbox();
  app.commandLine.appendSwitch('disable-features', featuresOff);
  app.commandLine.appendSwitch('enable-features', featuresOn);
  declareAppScheme();

  let host: HostSupervisor | undefined;
  let window: BrowserWindow | undefined;
  let quitGuard: QuitGuard | undefined;
  const launches = openLaunches(report);
  const { take } = launches;
  take(request);
  app.on('second-instance', (_event, _argv, _cwd, data) => {
    const again = readLaunch(data);
    if (again !== undefined) {
      host?.note({ is: 'launched-again', paths: again.paths.length, links: again.link === undefined ? 0 : 1 });
      take(again);
    }
    bringForward(window);
  });
  /** What macOS asks of a process that is ending is for the one after it. */
  const late: string[] = [];
  let lateLink: string | undefined;
  let isWantedAgain = false;
  const takeOrLeave = (opened: Opened): void => {
    if (quitGuard?.isEnding() === true) {
      isWantedAgain = true;
      for (const file of opened.paths.slice(0, pathsMax - late.length)) late.push(file);
      lateLink = opened.link ?? lateLink;
    } else take(opened);
  };
  app.on('open-file', (event, file) => {
    event.preventDefault();
    takeOrLeave({ paths: [file] });
  });
  app.on('open-url', (event, url) => {
    event.preventDefault();
    const link = readLink(url);
    if (link !== undefined) takeOrLeave({ paths: [], link });
  });

  await app.whenReady();
  claimSystemNames({ isPackaged, platform: process.platform, env: process.env });
  const home = (isPackaged ? undefined : process.env.TINCAN_DEV_URL) ?? pageUrl;
  const gate = openScanGate();
  guardPermissions(session.defaultSession, gate, home);
  refuseRemote(session.defaultSession, home, isPackaged);
  if (home === pageUrl) serveAppScheme(session.defaultSession, path.join(dist, 'renderer'));

  const language = openDesktopLanguage();
  const services = openShellServices({
    window: () => window,
    gate,
    strings: () => language.strings(),
    guestPage: path.join(dist, 'renderer/guest-page.bin'),
  });
  const news = openHostNews(() => window?.webContents);
  const dataDir = app.getPath('userData');
  const supervised = superviseHost({
    entry: path.join(dist, 'electron/host-process.mjs'),
    open: {
      dataDir,
      version: app.getVersion(),
      ...(request.downloadDir === undefined ? {} : { downloadDir: request.downloadDir }),
    },
    services: services.calls,
    onLanguage: (chosen) => language.set(chosen),
    onFolderBusy: () => {
      const { folderBusy, folderBusyHelp } = language.strings();
      console.error(`Tincan could not start: another Tincan is using ${dataDir}`);
      dialog.showErrorBox(folderBusy, folderBusyHelp);
      app.exit(1);
    },
    onOpened: () => news.opened(),
    onDied: () => {
      void services.calls.showProgress({ fraction: null, busy: false });
      news.died();
    },
    onGivenUp: (why) => {
      news.givenUp();
      void askAboutHost(supervised, why);
    },
  });
  host = supervised;
  launches.handTo(supervised);
  powerMonitor.on('resume', () => void supervised.call('woke', {}).catch(report));
  powerMonitor.on('lock-screen', () => {
    gate.set(false);
    void supervised.call('screenLocked', {}).catch(report);
  });

  async function askAboutHost(given: HostSupervisor, why: GivenUp): Promise<void> {
    const { hostStopped, hostStoppedHelp, tryAgain } = language.strings();
    const stopped = { message: hostStopped, detail: hostStoppedHelp };
    const words = why === 'stopped' ? stopped : unusableWords(language.strings(), dataDir);
    if (await wantsAnotherTry({ ...words, again: tryAgain })) given.retry();
  }

  function askAboutPage(): Promise<boolean> {
    const { pageStopped, pageStoppedHelp, startAgain } = language.strings();
    return wantsAnotherTry({ message: pageStopped, detail: pageStoppedHelp, again: startAgain });
  }

  /** A part of the program keeps dying: another try, or the end. */
  async function wantsAnotherTry({
    message,
    detail,
    again,
  }: Record<'message' | 'detail' | 'again', string>): Promise<boolean> {
    const buttons = [again, language.strings().quit];
    const { response } = await dialog.showMessageBox({ type: 'error', message, detail, buttons, cancelId: 1 });
    if (response !== 0) app.quit();
    // Asked about files that still move, the person may have kept Tincan: what stopped is needed then.
    return response === 0 || quitGuard?.isEnding() !== true;
  }

  const updates = startUpdates({
    isPackaged,
    resources: process.resourcesPath ?? dist,
    isBusy: () => supervised.isBusy(),
    note: supervised.note,
    load: async () => (await import('electron-updater')).autoUpdater,
  });
  const icon = path.join(dist, '../electron/tray.png');
  const bridge = openBridge({ host: supervised, news, home, icon, contents: () => window?.webContents });
  const guard = guardQuit({
    isBusy: () => supervised.isBusy(),
    window: () => window,
    icon,
    hasTray: showsTray(process.platform, process.env.XDG_CURRENT_DESKTOP),
    strings: () => language.strings(),
    send: (kind) => {
      bringForward(window);
      void supervised.call('pick', { kind }).catch(report);
    },
    dropped: (paths) => {
      bringForward(window);
      take({ paths: readDroppedPaths([...paths]) });
    },
    onSessionEnd: updates.leaveForLater,
    close: async () => {
      // This process takes nothing more. Electron would go on to tell every other launch that it did.
      app.releaseSingleInstanceLock();
      updates.close();
      bridge.close();
      services.close();
      await supervised.close();
      if (isWantedAgain) app.relaunch({ args: writeArguments({ ...request, paths: late, link: lateLink }) });
    },
  });
  quitGuard = guard;
  const show = (): void => {
    const shown = openWindow({
      home,
      preload: path.join(dist, 'electron/preload.cjs'),
      boundsFile: path.join(dataDir, 'window.json'),
      devTools: !isPackaged,
      note: supervised.note,
      askToStartAgain: askAboutPage,
    });
    window = shown;
    guard.watch(shown);
    shown.on('closed', () => {
      if (window === shown) window = undefined;
    });
  };
  show();
  app.on('activate', () => {
    if (guard.isEnding()) isWantedAgain = true;
    else if (BrowserWindow.getAllWindows().length === 0) show();
    else bringForward(window);
  });
}

/** A box that waits for nobody's answer comes only once the app is ready. */
async function tellUnusable(folder: string): Promise<void> {
  console.error(`Tincan could not start: it cannot write to ${folder}`);
  await app.whenReady();
  const { message, detail } = unusableWords(systemStrings(), folder);
  dialog.showErrorBox(message, detail);
  app.exit(1);
}

function unusableWords({ folderUnusable, folderUnusableHelp }: DesktopStrings, folder: string) {
  return { message: folderUnusable, detail: folderUnusableHelp.replace('{{folder}}', () => folder) };
}

function report(error: unknown): void {
  console.error(error instanceof Error ? error.name : 'a launch could not be taken');
}
