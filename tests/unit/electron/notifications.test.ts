// What the desktop is given to show of names that a peer chose.

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

it.runIf(process.platform === 'linux')(
  'N27 a name with markup in it is text to desktops that read markup',
  async () => {
    const body = 'Ben offers <a href="https://x.example">Tincan: sign in</a> <img src="file:///x"/> & more';
    await shell.services.call('notify', { title: 'Tincan', body });
    const [shown] = fake.notified;
    expect(shown?.body).not.toContain('<');
    expect(shown?.body).toBe(body.replaceAll('<', '‹'));
  },
);

it('the newest takes the place of the one before it, however often a peer has something to tell', async () => {
  for (const body of ['one', 'two', 'three']) await shell.services.call('notify', { title: 'Tincan', body });
  expect(fake.notified).toEqual([{ title: 'Tincan', body: 'three' }]);
});
