// GNOME shows no tray: a window that is closed while bytes move stays where it can be found.

import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import * as fake from './electron-fake.ts';
import { type FakeShell, startFakeShell } from './fake-shell.ts';

vi.mock('electron/main', () => import('./electron-fake.ts'));
vi.mock('electron/common', () => import('./electron-fake.ts'));

let shell: FakeShell;
beforeAll(async () => {
  vi.stubEnv('XDG_CURRENT_DESKTOP', 'GNOME');
  vi.spyOn(process, 'platform', 'get').mockReturnValue('linux');
  shell = await startFakeShell();
  vi.restoreAllMocks();
});
afterAll(() => {
  vi.unstubAllEnvs();
  shell.remove();
});

it('the window is minimised, and no tray is made', async () => {
  await shell.setBusy(true);
  const preventDefault = vi.fn();
  shell.window().emit('close', { preventDefault });
  expect([preventDefault.mock.calls.length, shell.window().minimized, fake.trays.length]).toEqual([1, true, 0]);
});
