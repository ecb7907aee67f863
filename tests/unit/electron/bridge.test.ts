// Who gets a port of the host, and who does not.

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Fault } from '../../../shared/model/fault.ts';
import { pageConnectsBurst, pathsMax } from '../../../shared/wire/limits.ts';
import * as fake from './electron-fake.ts';
import { type FakeShell, page, receivedFile, receivedTransfer, startFakeShell } from './fake-shell.ts';

vi.mock('electron/main', () => import('./electron-fake.ts'));
vi.mock('electron/common', () => import('./electron-fake.ts'));

let shell: FakeShell;
beforeAll(async () => {
  shell = await startFakeShell();
});
afterAll(() => shell.remove());

describe('the bridge', () => {
  const strangers = (): [string, unknown][] => [
    ['no frame', { ...shell.ourEvent(), senderFrame: null }],
    ['a subframe', { ...shell.ourEvent(), senderFrame: { url: page } }],
    ['another window', { sender: new fake.WebContents(), senderFrame: shell.window().webContents.mainFrame }],
  ];

  it('answers only the main frame of its own window', async () => {
    for (const [who, event] of strangers()) {
      fake.ipcMain.emit('tincan:connect', event);
      await expect(fake.invokeHandlers.get('tincan:stage')!(event, ['/a']), who).rejects.toThrow('untrusted sender');
    }
    expect(shell.window().webContents.posted).toEqual([]);
    expect(shell.staged).toEqual([]);
    await vi.waitFor(() => expect(shell.noted).toHaveLength(6));
    expect(shell.noted.splice(0)).toEqual(Array.from({ length: 6 }, () => ({ is: 'sender-refused' })));
  });

  it('answers no frame that has gone elsewhere', () => {
    const frame = shell.window().webContents.mainFrame;
    frame.url = 'https://example.org/';
    fake.ipcMain.emit('tincan:connect', shell.ourEvent());
    frame.url = page;
    expect(shell.window().webContents.posted).toEqual([]);
  });

  it('drags out what was received, by the id of its transfer, and nothing else', async () => {
    const { dragged } = shell.window().webContents;
    const drag = (transfer: unknown, event: unknown = shell.ourEvent()) =>
      fake.ipcMain.emit('tincan:drag', event, transfer);
    for (const [, event] of strangers()) drag(receivedTransfer, event);
    for (const wild of [undefined, '/etc/passwd', { file: '/etc/passwd' }, 'cd'.repeat(16)]) drag(wild);
    drag(receivedTransfer);
    await vi.waitFor(() => expect(dragged).toEqual([receivedFile]));
    await vi.waitFor(() => expect(shell.noted.length).toBeGreaterThanOrEqual(3));
    shell.noted.splice(0);
  });

  it('hands both ports to the page and their other ends to the host, and keeps none', () => {
    fake.ipcMain.emit('tincan:connect', shell.ourEvent());
    const [{ channel, ports }] = shell.window().webContents.posted.splice(0) as [
      { channel: string; message: unknown; ports: unknown[] },
    ];
    expect([channel, ports.length]).toEqual(['tincan:ports', 2]);
    const served = shell.served.splice(0);
    expect(served.map(({ role }) => role)).toEqual(['ui', 'engine']);
    expect(new Set([...served.map(({ port }) => port), ...ports]).size).toBe(4);
  });

  it.each([[undefined], ['/a'], [['relative']], [[{}]], [['/a\0b']]])('stages nothing from %o', async (paths) => {
    await expect(fake.invokeHandlers.get('tincan:stage')!(shell.ourEvent(), paths)).rejects.toThrow();
    expect(shell.staged).toEqual([]);
  });

  it('stages as many files as can be offered, and one more, which is refused with a word', async () => {
    const drop = (count: number) =>
      fake.invokeHandlers.get('tincan:stage')!(
        shell.ourEvent(),
        Array.from({ length: count }, (_, at) => `/photos/${at}`),
      );
    await drop(20_000);
    await drop(pathsMax + 500);
    expect(shell.staged.splice(0).map(({ length }) => length)).toEqual([20_000, pathsMax]);
  });

  it('says why the host took nothing', async () => {
    shell.stageFault.next = new Fault('bridge-busy', 'made up');
    expect(await fake.invokeHandlers.get('tincan:stage')!(shell.ourEvent(), ['/a'])).toEqual({
      code: 'bridge-busy',
      message: 'made up',
    });
  });

  it('hears of the death of a host that dies as soon as it has its ports, and of the next one', async () => {
    const { posted } = shell.window().webContents;
    shell.served.splice(0);
    fake.ipcMain.emit('tincan:connect', shell.ourEvent());
    fake.hosts.at(-1)!.emit('exit', 1);
    await vi.waitFor(() => expect(shell.opened).toHaveLength(2));
    await vi.waitFor(() =>
      expect(posted.map(({ channel, message }) => [channel, message])).toEqual([
        ['tincan:ports', null],
        ['tincan:host', 'died'],
        ['tincan:host', 'opened'],
      ]),
    );
    expect(shell.served.map(({ role }) => role)).toEqual(['ui', 'engine']);
  });

  it('gives ports at a pace to a page that asks for them without end, and in the end to whoever asked last', async () => {
    const { posted } = shell.window().webContents;
    const given = () => posted.filter(({ channel }) => channel === 'tincan:ports').length;
    await new Promise((resolve) => setTimeout(resolve, 0));
    posted.splice(0);
    shell.served.splice(0);
    for (let time = 0; time < 200; time += 1) fake.ipcMain.emit('tincan:connect', shell.ourEvent());
    const atOnce = given();
    expect(atOnce).toBeLessThanOrEqual(pageConnectsBurst);
    await vi.waitFor(() => expect(given()).toBe(atOnce + 1), { timeout: 5_000 });
    await vi.waitFor(() => expect(shell.served).toHaveLength(2 * (atOnce + 1)));
  });
});
