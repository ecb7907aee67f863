// What the person is asked for in the system's own dialogs: a page that was taken over may ask for another one than it says.

import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { desktopStrings } from '../../../electron/strings.ts';
import * as fake from './electron-fake.ts';
import { type FakeShell, startFakeShell } from './fake-shell.ts';

vi.mock('electron/main', () => import('./electron-fake.ts'));
vi.mock('electron/common', () => import('./electron-fake.ts'));

let shell: FakeShell;
beforeAll(async () => {
  shell = await startFakeShell();
});
afterAll(() => shell.remove());

const en = desktopStrings('en');
const input = { current: '/downloads' };

it.each([
  ['pickFiles', {}, en.sendFiles],
  ['pickFolderToSend', {}, en.sendFolder],
  ['pickDestination', input, en.chooseWhereToSave],
] as const)('P8 the dialog of %s says whether what is picked is sent or saved to', async (call, asked, title) => {
  fake.dialog.showOpenDialog.mockResolvedValueOnce({ canceled: true, filePaths: [] });
  await shell.services.call(call, asked as never);
  // macOS shows the message, the others the title.
  expect(fake.dialog.showOpenDialog.mock.lastCall?.at(-1)).toMatchObject({ title, message: title });
});

it('says that nothing opened it where no program takes a file or an address', async () => {
  fake.shell.openPath.mockResolvedValueOnce('no program');
  await expect(shell.services.call('openFile', { path: '/downloads/x.odt' })).rejects.toMatchObject({
    code: 'not-opened',
  });
  fake.shell.openExternal.mockRejectedValueOnce(new Error('no program'));
  await expect(shell.services.call('openLink', { url: 'https://example.org' })).rejects.toMatchObject({
    code: 'not-opened',
  });
});

it.runIf(process.platform === 'linux')('is done with opening a file though Electron never says so', async () => {
  fake.shell.openPath.mockReturnValueOnce(new Promise(() => undefined));
  await shell.services.call('openFile', { path: '/downloads/x.odt' });
  expect(fake.shell.openPath.mock.lastCall).toEqual(['/downloads/x.odt']);
});
