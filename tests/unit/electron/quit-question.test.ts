// The question before quitting stands in a loop of its own, in which everything else goes on: windows close, a menu quits once more,
// the computer shuts down, the last bytes move.

import type { BrowserWindow } from 'electron/main';
import { beforeEach, expect, it, vi } from 'vitest';
import { guardQuit } from '../../../electron/quit-guard.ts';
import { desktopStrings } from '../../../electron/strings.ts';
import * as fake from './electron-fake.ts';

vi.mock('electron/main', () => import('./electron-fake.ts'));
vi.mock('electron/common', () => import('./electron-fake.ts'));

const [keepGoing, quit] = [0, 1];
const world = { isBusy: true, window: undefined as fake.BrowserWindow | undefined, closed: 0 };

beforeEach(() => {
  fake.app.removeAllListeners();
  fake.powerMonitor.removeAllListeners();
  fake.dialog.showMessageBoxSync.mockReset();
  fake.app.quits = 0;
  Object.assign(world, { isBusy: true, window: new fake.BrowserWindow({}), closed: 0 });
  // Electron's own: whoever does not prevent it ends.
  vi.spyOn(process, 'on').mockReturnValue(process);
  const guard = guardQuit({
    isBusy: () => world.isBusy,
    window: () => world.window as unknown as BrowserWindow | undefined,
    icon: '',
    hasTray: true,
    strings: () => desktopStrings('en'),
    send: () => undefined,
    dropped: () => undefined,
    onSessionEnd: () => undefined,
    close: async () => {
      world.closed += 1;
    },
  });
  guard.watch(world.window as unknown as BrowserWindow);
  vi.restoreAllMocks();
});

const askToQuit = () => fake.app.emit('before-quit', { preventDefault: () => undefined });

/** Returns whether the window stays. */
function closeWindow(): boolean {
  const preventDefault = vi.fn();
  world.window!.emit('close', { preventDefault });
  return preventDefault.mock.calls.length > 0;
}

function whileAsked(happen: () => void, answer: number): void {
  fake.dialog.showMessageBoxSync.mockImplementationOnce(() => {
    happen();
    return answer;
  });
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

it.each([
  ['no', keepGoing, 0],
  ['yes', quit, 1],
])('asks once, however often it is told to quit meanwhile, and a %s counts once', async (_, answer, closed) => {
  whileAsked(() => [askToQuit(), askToQuit()], answer);
  askToQuit();
  await settled();
  expect(fake.dialog.showMessageBoxSync).toHaveBeenCalledOnce();
  expect([world.closed, fake.app.quits]).toEqual([closed, closed]);
});

it('asks again the next time', () => {
  for (const time of [1, 2]) {
    whileAsked(() => undefined, keepGoing);
    askToQuit();
    expect(fake.dialog.showMessageBoxSync).toHaveBeenCalledTimes(time);
  }
});

it('keeps the page while the question stands, however often its window is closed', async () => {
  const stays: boolean[] = [];
  whileAsked(() => stays.push(closeWindow(), closeWindow()), keepGoing);
  askToQuit();
  await settled();
  expect([stays, world.closed]).toEqual([[true, true], 0]);
});

it('ends where the window was closed meanwhile and nothing moves any more', async () => {
  whileAsked(() => {
    world.isBusy = false;
    expect(closeWindow()).toBe(false);
    world.window = undefined;
    askToQuit();
  }, keepGoing);
  askToQuit();
  await settled();
  expect([world.closed, fake.app.quits]).toEqual([1, 1]);
});

it.each([keepGoing, quit])(
  'ends once where the computer shuts down meanwhile, whatever is answered: %i',
  async (answer) => {
    whileAsked(() => {
      fake.powerMonitor.emit('shutdown', { preventDefault: () => undefined });
      askToQuit();
    }, answer);
    askToQuit();
    await settled();
    expect(world.closed).toBe(1);
  },
);
