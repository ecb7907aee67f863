// Somebody starts Tincan again in the moment in which it ends. Electron tells each launch that the one that runs has taken it, until the
// very last: so this one lets go of the lock first. macOS asks the running process itself, which starts the next one.

import path from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { readArguments } from '../../../electron/argv.ts';
import * as fake from './electron-fake.ts';
import { type FakeShell, startFakeShell } from './fake-shell.ts';

vi.mock('electron/main', () => import('./electron-fake.ts'));
vi.mock('electron/common', () => import('./electron-fake.ts'));

let shell: FakeShell;
const dataDir = () => path.join(shell.folder, 'data');
beforeAll(async () => {
  shell = await startFakeShell('system', (folder) => ['--data-dir', path.join(folder, 'data'), '--download-dir', '/b']);
});
afterAll(() => shell.remove());

it('has the lock for itself, and takes files of macOS along into the next run', async () => {
  expect(fake.app.hasLock).toBe(true);
  fake.app.emit('before-quit', { preventDefault: () => undefined });
  expect(fake.app.hasLock).toBe(false);
  const event = { preventDefault: () => undefined };
  fake.app.emit('open-file', event, '/a/1.txt');
  for (const link of ['tincan:OLD', 'tincan:ABC']) fake.app.emit('open-url', event, link);
  fake.app.emit('open-file', event, '/a/2.txt');
  fake.app.emit('activate');
  await vi.waitFor(() => expect(fake.app.quits).toBe(1));
  expect([shell.host.closed, shell.staged, fake.windows.length]).toEqual([1, [], 1]);
  // A link counts only at the end, and the next run has the folders of this one.
  const args = [`--data-dir=${dataDir()}`, '--download-dir=/b', '/a/1.txt', '/a/2.txt', 'TINCAN:ABC'];
  expect(fake.app.relaunches).toEqual([args]);
  expect(readArguments(args, '/')).toEqual({
    ...{ dataDir: dataDir(), downloadDir: '/b' },
    ...{ paths: ['/a/1.txt', '/a/2.txt'], link: 'TINCAN:ABC' },
  });
});
