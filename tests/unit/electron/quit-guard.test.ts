// Shell services and the end: awake while bytes move, in the tray, a question before quitting, and what a second launch brings.

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import * as fake from './electron-fake.ts';
import { type FakeShell, startFakeShell } from './fake-shell.ts';

vi.mock('electron/main', () => import('./electron-fake.ts'));
vi.mock('electron/common', () => import('./electron-fake.ts'));

const { claimSystemNames } = await import('../../../electron/system-names.ts');
const { showsTray } = await import('../../../electron/quit-guard.ts');

let shell: FakeShell;
beforeAll(async () => {
  shell = await startFakeShell();
});
afterAll(() => shell.remove());

describe('shell services', () => {
  it('keep the machine awake only while bytes move', async () => {
    await shell.services.call('showProgress', { fraction: 0.5, busy: true });
    expect(fake.blockers.size).toBe(1);
    await shell.services.call('showProgress', { fraction: null, busy: false });
    expect(fake.blockers.size).toBe(0);
    expect(shell.window().progress).toEqual([0.5, -1]);
  });

  it('ask the person before what can run programs is opened, and take closing the question for a no', async () => {
    fake.dialog.showMessageBox.mockResolvedValueOnce({ response: 1 });
    expect(await shell.services.call('confirmOpen', { name: 'setup $& {{name}}.exe' })).toBe(true);
    const asked = fake.dialog.showMessageBox.mock.lastCall!.at(-1) as { readonly detail: string };
    expect(asked).toMatchObject({ type: 'warning', defaultId: 0, cancelId: 0 });
    expect(asked.detail).toMatch(/^setup \$& \{\{name\}\}\.exe /);
    expect(await shell.services.call('confirmOpen', { name: 'setup.exe' })).toBe(false);
  });

  it('tell the host that the machine woke', async () => {
    fake.powerMonitor.emit('resume');
    await vi.waitFor(() => expect(shell.woken).toEqual(['woke']));
  });
});

describe('a second launch', () => {
  it('hands over what was typed, and nothing that Chromium made of it', async () => {
    expect(fake.app.launch).toEqual({ args: [], cwd: process.cwd() });
    const data = { args: ['a.iso', '--data-dir', '/home/someone/d', '--inspect', 'tincan:ABC'], cwd: '/home/someone' };
    const argv = ['tincan', '--data-dir', '--inspect', '--original-process-start-time=1', 'a.iso', '/home/someone/d'];
    fake.app.emit('second-instance', {}, argv, '/elsewhere', data);
    await vi.waitFor(() => expect(shell.staged.splice(0)).toEqual([['/home/someone/a.iso']]));
    await vi.waitFor(() => expect(shell.links.splice(0)).toEqual(['TINCAN:ABC']));
  });

  it.each([[undefined], [null], [{}], [{ args: 'a.iso', cwd: '/' }], [{ args: ['a'], cwd: 1 }]])(
    'brings nothing when it hands over %o, and still brings the window to the front',
    async (data) => {
      shell.window().visible = false;
      fake.app.emit('second-instance', {}, ['tincan', '/etc/passwd'], '/', data);
      await new Promise((resolve) => setTimeout(resolve, 0));
      expect(shell.staged).toEqual([]);
      expect(shell.window().visible).toBe(true);
    },
  );
});

describe('the names for the system', () => {
  it.each([
    ['win32', true, {}, ['identity app.tincan.desktop', 'protocol tincan']],
    ['win32', true, { PORTABLE_EXECUTABLE_FILE: 'C:/Tincan.exe' }, ['identity app.tincan.desktop']],
    ['linux', true, {}, ['protocol tincan']],
    ['linux', false, {}, []],
  ] as const)('on %s, packaged %s, with %o: %o', (platform, isPackaged, env, expected) => {
    fake.asked.splice(0);
    claimSystemNames({ platform, isPackaged, env });
    expect(fake.asked.splice(0)).toEqual(expected);
  });
});

describe('quitting', () => {
  it('stays in the tray when the window is closed while bytes move', async () => {
    await shell.setBusy(true);
    const preventDefault = vi.fn();
    shell.window().emit('close', { preventDefault });
    expect(preventDefault).toHaveBeenCalledOnce();
    expect([fake.trays.length, shell.window().minimized]).toEqual([1, false]);
    await shell.setBusy(false);
    shell.window().emit('close', { preventDefault });
    expect(preventDefault).toHaveBeenCalledOnce();
  });

  it('takes files in the tray’s menu and on its icon, and shows the window that they wait in', async () => {
    await shell.setBusy(true);
    shell.window().emit('close', { preventDefault: () => undefined });
    shell.window().visible = false;
    const tray = fake.trays.at(-1)!;
    expect(tray.menu.map(({ label }) => label)).toEqual(['Show Tincan', 'Send Files…', 'Send Folder…', 'Quit Tincan']);
    tray.menu[1]!.click?.();
    await vi.waitFor(() => expect(shell.picked.splice(0)).toEqual(['files']));
    expect(shell.window().visible).toBe(true);
    tray.menu[2]!.click?.();
    await vi.waitFor(() => expect(shell.picked.splice(0)).toEqual(['folder']));
    tray.emit('drop-files', {}, ['/a/dropped.txt']);
    await vi.waitFor(() => expect(shell.staged.splice(0)).toEqual([['/a/dropped.txt']]));
    shell.window().emit('show');
    await shell.setBusy(false);
  });

  it('draws the tray as macOS draws its own, and nowhere else', async () => {
    await shell.setBusy(true);
    const icon = (platform: NodeJS.Platform) => {
      vi.spyOn(process, 'platform', 'get').mockReturnValue(platform);
      shell.window().emit('show');
      shell.window().emit('close', { preventDefault: () => undefined });
      vi.restoreAllMocks();
      return fake.templates.splice(0);
    };
    expect([icon('linux'), icon('darwin')]).toEqual([[], [true]]);
    shell.window().emit('show');
    await shell.setBusy(false);
  });

  it.each([
    ['linux', 'GNOME', false],
    ['linux', 'ubuntu:GNOME', true],
    ['linux', 'KDE', true],
    ['linux', undefined, true],
    ['darwin', undefined, true],
    ['win32', undefined, true],
  ] as const)('on %s with the desktop %s: a tray is shown is %s', (platform, desktop, expected) => {
    expect(showsTray(platform, desktop)).toBe(expected);
  });

  it('asks before it quits in the middle of a transfer, and closes the host before it goes', async () => {
    const preventDefault = vi.fn();
    await shell.setBusy(true);
    fake.app.emit('before-quit', { preventDefault });
    expect([fake.dialog.showMessageBoxSync.mock.calls.length, shell.host.closed]).toEqual([1, 0]);
    fake.answers.quit = 1;
    fake.app.emit('before-quit', { preventDefault });
    await vi.waitFor(() => expect(fake.app.quits).toBe(1));
    expect([shell.host.closed, preventDefault.mock.calls.length]).toEqual([1, 2]);
  });
});
