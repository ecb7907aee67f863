// Starts the real shell once on a module that records (electron-fake.ts), with a host that counts. The file that calls this
// has put that module in Electron's place before.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Host, ShellManners } from '../../../host/host.ts';
import type { LogEvent } from '../../../host/log-event.ts';
import type { Handlers } from '../../../shared/ipc/calls.ts';
import type { UiCalls } from '../../../shared/ipc/contract.ts';
import type { Settings } from '../../../shared/ipc/settings.ts';
import * as fake from './electron-fake.ts';

export const page = 'app://bundle/index.html';

export type FakeShell = {
  readonly folder: string;
  readonly manners: ShellManners;
  readonly staged: (readonly string[])[];
  readonly links: string[];
  readonly woken: string[];
  readonly noted: LogEvent[];
  /** What the host says of itself, and how often it was told of an end. */
  readonly host: {
    busy: boolean;
    closed: number;
    parked: number;
    language: Settings['language'];
    settingsChanged(): void;
  };
  window(): fake.BrowserWindow;
  ourEvent(): { readonly sender: unknown; readonly senderFrame: unknown };
  remove(): void;
};

export async function startFakeShell(): Promise<FakeShell> {
  const folder = mkdtempSync(path.join(tmpdir(), 'tincan-shell-'));
  mkdirSync(path.join(folder, 'renderer/assets'), { recursive: true });
  writeFileSync(path.join(folder, 'renderer/index.html'), '<!doctype html>');
  writeFileSync(path.join(folder, 'renderer/assets/page.js'), '1');
  writeFileSync(path.join(folder, 'renderer/assets/page.js.map'), '{}');
  writeFileSync(path.join(folder, 'secret.txt'), 'secret');
  process.argv = ['tincan'];
  fake.app.paths.set('userData', path.join(folder, 'data'));
  const seen = {
    staged: [],
    links: [],
    woken: [],
    noted: [],
    host: { busy: false, closed: 0, parked: 0, language: 'system', settingsChanged: () => undefined },
  } as Pick<FakeShell, 'staged' | 'links' | 'woken' | 'noted' | 'host'>;
  let manners: ShellManners | undefined;
  const { startShell } = await import('../../../electron/shell.ts');
  await startShell({
    dist: folder,
    openHost: async (options) => {
      manners = options.manners;
      return countingHost(seen);
    },
  });
  const window = () => fake.windows[0]!;
  return {
    folder,
    manners: manners!,
    ...seen,
    window,
    ourEvent: () => ({ sender: window().webContents, senderFrame: window().webContents.mainFrame }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function countingHost({
  staged,
  links,
  woken,
  noted,
  host,
}: Pick<FakeShell, 'staged' | 'links' | 'woken' | 'noted' | 'host'>): Host {
  return {
    ui: {
      'app.facts': () => ({ version: 'test', settings: { language: host.language } }),
    } as unknown as Handlers<UiCalls>,
    engine: {} as Host['engine'],
    onEngineEvent: () => () => undefined,
    onUiEvent: (listener) => {
      const others = host.settingsChanged;
      host.settingsChanged = () => {
        others();
        listener('settings-changed', {} as Settings);
      };
      return () => undefined;
    },
    stagePaths: async (paths) => {
      staged.push(paths);
      return [];
    },
    offerCodeLink: (text) => void links.push(text),
    screenLocked: () => undefined,
    networkChanged: (why) => void woken.push(why),
    note: (event) => void noted.push(event),
    isBusy: () => host.busy,
    engineGone: async () => {
      host.parked += 1;
    },
    close: async () => {
      host.closed += 1;
    },
  };
}
