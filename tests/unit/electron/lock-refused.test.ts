// A start that gets no lock: another Tincan took it, which is said nowhere, or the lock could not be made, which a person has to hear.

import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, expect, it, vi } from 'vitest';
import { startShell } from '../../../electron/shell.ts';
import en from '../../../shared/strings/en.json' with { type: 'json' };
import * as fake from './electron-fake.ts';

vi.mock('electron/main', () => import('./electron-fake.ts'));
vi.mock('electron/common', () => import('./electron-fake.ts'));

const folder = mkdtempSync(path.join(tmpdir(), 'tincan-lock-refused-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeEach(() => {
  process.argv = ['tincan'];
  fake.answers.singleInstance = false;
  fake.app.quits = 0;
  fake.app.exits.splice(0);
  fake.dialog.showErrorBox.mockClear();
});

async function startWith(dataDir: string) {
  fake.app.paths.set('userData', dataDir);
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  await startShell({ dist: folder });
  vi.restoreAllMocks();
  return { quits: fake.app.quits, exits: [...fake.app.exits], boxes: fake.dialog.showErrorBox.mock.calls };
}

it('ends without a word where another Tincan has taken the launch', async () => {
  const data = path.join(folder, 'used');
  mkdirSync(data);
  symlinkSync('computer-1', path.join(data, 'SingletonLock'));
  expect(await startWith(data)).toEqual({ quits: 1, exits: [], boxes: [] });
});

it('says that its data folder cannot be used, and which it is, where no lock can be made in it', async () => {
  const file = path.join(folder, 'file');
  writeFileSync(file, '');
  const data = path.join(file, 'data $& {{folder}}');
  const { folderUnusable, folderUnusableHelp } = en.desktop;
  const box = [folderUnusable, folderUnusableHelp.replace('{{folder}}', () => data)];
  expect(await startWith(data)).toEqual({ quits: 0, exits: [1], boxes: [box] });
});

it.skipIf(process.platform === 'win32')('lets nobody else into a data folder that it made to find out', async () => {
  const data = path.join(folder, 'new');
  await startWith(data);
  expect(statSync(data).mode & 0o777).toBe(0o700);
});

it('says it in the language of the system: the settings are not known', async () => {
  fake.app.languages = ['de-AT'];
  const { boxes } = await startWith(path.join(folder, 'file', 'data'));
  expect(boxes[0]?.[0]).toBe('Tincan kann seinen Datenordner nicht benutzen.');
  fake.app.languages = ['en-GB'];
});
