// The question about a page that keeps ending, and what "Quit" leads to while the host still publishes: a window without a page says
// nothing.

import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import * as fake from './electron-fake.ts';
import { type FakeShell, page, startFakeShell } from './fake-shell.ts';

vi.mock('electron/main', () => import('./electron-fake.ts'));
vi.mock('electron/common', () => import('./electron-fake.ts'));

const [startAgain, quit] = [0, 1];
const [keepGoing, quitAnyway] = [0, 1];

let shell: FakeShell;
beforeAll(async () => {
  shell = await startFakeShell();
  // As Electron: whoever listens is asked at once.
  fake.app.quit = () => {
    fake.app.quits += 1;
    fake.app.emit('before-quit', { preventDefault: () => undefined });
  };
});
afterAll(() => shell.remove());

/** Once more often than it is brought back by itself. Returns how often it was loaded since. */
async function crashUntilAsked(answer: number): Promise<number> {
  const { loaded, webContents } = shell.window();
  fake.dialog.showMessageBox.mockResolvedValueOnce({ response: answer });
  const asked = fake.dialog.showMessageBox.mock.calls.length;
  const before = loaded.length;
  for (let crash = 0; crash < 4; crash += 1) webContents.emit('render-process-gone', {}, { reason: 'crashed' });
  await vi.waitFor(() => expect(fake.dialog.showMessageBox.mock.calls.length).toBe(asked + 1));
  await new Promise((resolve) => setTimeout(resolve, 0));
  return loaded.length - before;
}

it('brings the page back where the person wants it', async () => {
  expect(await crashUntilAsked(startAgain)).toBe(4);
});

it('notes that the page came back once, however often it ended before it was loaded', async () => {
  shell.noted.splice(0);
  for (const load of [1, 2]) {
    shell.window().webContents.emit('did-finish-load');
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect([load, shell.noted.filter(({ is }) => is === 'page-recovered').length]).toEqual([load, 1]);
  }
});

it('brings the page back where the person quits, and then keeps going because files are still moving', async () => {
  await shell.setBusy(true);
  fake.answers.quit = keepGoing;
  expect(await crashUntilAsked(quit)).toBe(4);
  expect(shell.window().loaded.at(-1)).toBe(page);
  expect([fake.dialog.showMessageBoxSync.mock.calls.length, shell.host.closed]).toEqual([1, 0]);
});

it('leaves the page alone where Tincan ends', async () => {
  fake.answers.quit = quitAnyway;
  expect(await crashUntilAsked(quit)).toBe(3);
  await vi.waitFor(() => expect(shell.host.closed).toBe(1));
});
