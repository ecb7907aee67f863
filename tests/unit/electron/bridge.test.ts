// Who gets a port of the host, and who does not.

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import * as fake from './electron-fake.ts';
import { type FakeShell, page, startFakeShell } from './fake-shell.ts';

vi.mock('electron', () => import('./electron-fake.ts'));

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
      fake.ipcMain.emit('tincan:connect', event, 'ui');
      await expect(fake.invokeHandlers.get('tincan:stage')!(event, ['/a']), who).rejects.toThrow('untrusted sender');
    }
    expect(shell.window().webContents.posted).toEqual([]);
    expect(shell.staged).toEqual([]);
    expect(shell.noted.splice(0)).toEqual(Array.from({ length: 6 }, () => ({ is: 'sender-refused' })));
  });

  it('answers no frame that has gone elsewhere', () => {
    const frame = shell.window().webContents.mainFrame;
    frame.url = 'https://example.org/';
    fake.ipcMain.emit('tincan:connect', shell.ourEvent(), 'ui');
    frame.url = page;
    expect(shell.window().webContents.posted).toEqual([]);
  });

  it.each([['host'], [undefined], [{}], ['__proto__']])('knows no role %o', (role) => {
    fake.ipcMain.emit('tincan:connect', shell.ourEvent(), role);
    expect(shell.window().webContents.posted).toEqual([]);
  });

  it('serves a role over the port it posts', async () => {
    fake.ipcMain.emit('tincan:connect', shell.ourEvent(), 'ui');
    const [{ channel, message, ports }] = shell.window().webContents.posted.splice(0) as [
      { channel: string; message: unknown; ports: [InstanceType<typeof fake.MessageChannelMain>['port2']] },
    ];
    expect([channel, message]).toEqual(['tincan:port', 'ui']);
    const answer = new Promise((resolve) => ports[0].on('message', ({ data }) => resolve(data)));
    ports[0].start();
    ports[0].postMessage({ is: 'call', id: 1, name: 'app.facts', input: {} });
    expect(await answer).toEqual({
      is: 'answer',
      id: 1,
      output: { version: 'test', settings: { language: 'system' } },
    });
  });

  it('parks transfers once for every engine that is gone or was replaced', async () => {
    fake.ipcMain.emit('tincan:connect', shell.ourEvent(), 'engine');
    fake.ipcMain.emit('tincan:connect', shell.ourEvent(), 'engine');
    expect(shell.host.parked).toBe(1);
    const [, second] = shell.window().webContents.posted.splice(0);
    const port = second!.ports[0] as InstanceType<typeof fake.MessageChannelMain>['port2'];
    port.close();
    await vi.waitFor(() => expect(shell.host.parked).toBe(2));
  });

  it.each([[undefined], ['/a'], [['relative']], [[{}]], [['/a\0b']], [Array.from({ length: 10_001 }, () => '/a')]])(
    'stages nothing from %o',
    async (paths) => {
      await expect(fake.invokeHandlers.get('tincan:stage')!(shell.ourEvent(), paths)).rejects.toThrow();
      expect(shell.staged).toEqual([]);
    },
  );
});
