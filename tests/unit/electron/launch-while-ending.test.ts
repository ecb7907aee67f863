// Somebody starts Tincan again in the moment in which it ends. Electron tells each launch that the one that runs has taken it, until the
// very last: so this one lets go of the lock first. macOS asks the running process itself, which starts the next one.

import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import * as fake from './electron-fake.ts';
import { type FakeShell, startFakeShell } from './fake-shell.ts';

vi.mock('electron/main', () => import('./electron-fake.ts'));
vi.mock('electron/common', () => import('./electron-fake.ts'));

let shell: FakeShell;
beforeAll(async () => {
  shell = await startFakeShell();
});
afterAll(() => shell.remove());

it('has the lock for itself, and takes files of macOS along into the next run', async () => {
  expect(fake.app.hasLock).toBe(true);
  fake.app.emit('before-quit', { preventDefault: () => undefined });
  expect(fake.app.hasLock).toBe(false);
  const event = { preventDefault: () => undefined };
  for (const file of ['/a/1.txt', '/a/2.txt']) fake.app.emit('open-file', event, file);
  fake.app.emit('open-url', event, 'tincan:ABC');
  fake.app.emit('activate');
  await vi.waitFor(() => expect(fake.app.quits).toBe(1));
  expect([shell.host.closed, shell.staged, fake.windows.length]).toEqual([1, [], 1]);
  expect(fake.app.relaunches).toEqual([['/a/1.txt', '/a/2.txt', 'TINCAN:ABC']]);
});
