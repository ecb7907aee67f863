// Manners of a desktop app: awake, in the tray, asking before it leaves, taking what a second launch brings.

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import * as fake from './electron-fake.ts';
import { type FakeShell, startFakeShell } from './fake-shell.ts';

vi.mock('electron', () => import('./electron-fake.ts'));

let shell: FakeShell;
beforeAll(async () => {
  shell = await startFakeShell();
});
afterAll(() => shell.remove());

describe('the desk manners', () => {
  it('keeps the machine awake only while bytes move', () => {
    shell.manners.showProgress(0.5, true);
    expect(fake.blockers.size).toBe(1);
    shell.manners.showProgress(null, false);
    expect(fake.blockers.size).toBe(0);
    expect(shell.window().progress).toEqual([0.5, -1]);
  });

  it('tells the host that the machine woke', () => {
    fake.powerMonitor.emit('resume');
    expect(shell.woken).toEqual(['woke']);
  });

  it('takes files and a link from a second launch', async () => {
    fake.app.emit('second-instance', {}, ['tincan', 'a.iso', '--inspect', 'tincan:ABC'], '/home/someone');
    expect(shell.staged.splice(0)).toEqual([['/home/someone/a.iso']]);
    expect(shell.links.splice(0)).toEqual(['TINCAN:ABC']);
  });

  it('stays in the tray when the window is closed while bytes move', () => {
    shell.host.busy = true;
    const preventDefault = vi.fn();
    shell.window().emit('close', { preventDefault });
    expect(preventDefault).toHaveBeenCalledOnce();
    expect(fake.trays).toHaveLength(1);
    shell.host.busy = false;
    shell.window().emit('close', { preventDefault });
    expect(preventDefault).toHaveBeenCalledOnce();
  });

  it('asks before it quits in the middle of a transfer, and closes the host before it goes', async () => {
    const preventDefault = vi.fn();
    shell.host.busy = true;
    fake.app.emit('before-quit', { preventDefault });
    expect([fake.dialog.showMessageBoxSync.mock.calls.length, shell.host.closed]).toEqual([1, 0]);
    fake.answers.quit = 1;
    fake.app.emit('before-quit', { preventDefault });
    await vi.waitFor(() => expect(fake.app.quits).toBe(1));
    expect([shell.host.closed, preventDefault.mock.calls.length]).toEqual([1, 2]);
  });
});
