// What the shell asks Electron for, item by item of the project's list of locks.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Host, ShellManners } from '../../../host/host.ts';
import type { Handlers } from '../../../shared/ipc/calls.ts';
import type { UiCalls } from '../../../shared/ipc/contract.ts';
import * as fake from './electron-fake.ts';

vi.mock('electron', () => import('./electron-fake.ts'));

const folder = mkdtempSync(path.join(tmpdir(), 'tincan-shell-'));
const page = 'app://bundle/index.html';
const staged: (readonly string[])[] = [];
const links: string[] = [];
const woken: string[] = [];
let manners: ShellManners;
let busy = false;
let closed = 0;
let parked = 0;

const host = {
  ui: { 'app.facts': () => ({ version: 'test' }) } as unknown as Handlers<UiCalls>,
  engine: {} as Host['engine'],
  onUiEvent: () => () => undefined,
  stagePaths: async (paths: readonly string[]) => {
    staged.push(paths);
    return [];
  },
  offerCodeLink: (text: string) => links.push(text),
  networkChanged: (why: string) => woken.push(why),
  isBusy: () => busy,
  engineGone: async () => {
    parked += 1;
  },
  close: async () => {
    closed += 1;
  },
} satisfies Host;

const window = () => fake.windows[0]!;
const ourEvent = () => ({ sender: window().webContents, senderFrame: window().webContents.mainFrame });

beforeAll(async () => {
  mkdirSync(path.join(folder, 'renderer/assets'), { recursive: true });
  writeFileSync(path.join(folder, 'renderer/index.html'), '<!doctype html>');
  writeFileSync(path.join(folder, 'renderer/assets/page.js'), '1');
  writeFileSync(path.join(folder, 'renderer/assets/page.js.map'), '{}');
  writeFileSync(path.join(folder, 'secret.txt'), 'secret');
  process.argv = ['tincan'];
  fake.app.paths.set('userData', path.join(folder, 'data'));
  const { startShell } = await import('../../../electron/shell.ts');
  await startShell({
    dist: folder,
    openHost: async (options) => {
      manners = options.manners;
      return host;
    },
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the start', () => {
  it('asks for the sandbox and the scheme before the app is ready', () => {
    expect(fake.asked.slice(0, 3)).toEqual(['enableSandbox', 'schemes', 'ready']);
  });

  it('gives the scheme no more than a page needs', () => {
    expect(fake.schemes).toEqual([
      { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
    ]);
  });

  it('never asks to be started with the machine', () => {
    expect(fake.asked).not.toContain('autostart');
  });

  it('shows real addresses in codes, and adds no other switch', () => {
    expect(fake.switches).toEqual([['disable-features', 'WebRtcHideLocalIpsWithMdns']]);
    expect(window().webContents.ipPolicy).toBe('default');
  });

  it('has no DevTools and no reload in the menu of a packaged app', () => {
    expect(JSON.stringify(fake.menus)).not.toMatch(/toggleDevTools|reload/i);
  });
});

describe('the window', () => {
  it('has exactly the web preferences that were decided on', () => {
    expect(window().options.webPreferences).toEqual({
      preload: path.join(folder, 'electron/preload.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      safeDialogs: true,
      spellcheck: false,
      backgroundThrottling: false,
      devTools: false,
    });
  });

  it('loads the page over the scheme of its own', () => {
    expect(window().loaded).toEqual([page]);
  });

  it.each(['will-navigate', 'will-frame-navigate', 'will-redirect', 'will-attach-webview'])('prevents %s', (name) => {
    const preventDefault = vi.fn();
    window().webContents.emit(name, { preventDefault, url: 'https://example.org' });
    expect(preventDefault).toHaveBeenCalledOnce();
  });

  it.each(['https://example.org', 'javascript:alert(1)', 'smb://h/x.desktop', page])(
    'opens no window for %s',
    (url) => {
      expect(window().webContents.openHandler!({ url })).toEqual({ action: 'deny' });
      expect(fake.shell.openExternal).not.toHaveBeenCalled();
    },
  );

  it.each([
    [page, false],
    ['blob:app://bundle/1', false],
    ['data:image/png;base64,', false],
    ['https://example.org/', true],
    ['http://bundle/', true],
    ['ws://127.0.0.1/', true],
    ['file:///etc/passwd', true],
    ['devtools://devtools/x', true],
    ['app://bundle.evil/index.html', true],
    ['app://x@bundle/index.html', true],
    ['not a url', true],
  ])('decides on a request for %s: cancel is %s', (url, cancel) => {
    const answer = vi.fn();
    fake.guards.before!({ url }, answer);
    expect(answer).toHaveBeenCalledExactlyOnceWith({ cancel });
  });

  it('brings a page that crashed back, but not for ever', () => {
    const before = window().loaded.length;
    for (let time = 0; time < 10; time += 1) window().webContents.emit('render-process-gone', {}, { reason: 'oom' });
    expect(window().loaded.length - before).toBe(3);
  });
});

describe('the scheme', () => {
  const get = (url: string, method = 'GET') => fake.protocolHandlers.get('app')!({ url, method });

  it('serves what was built, with the policy on it', async () => {
    const answer = await get(page);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('Content-Type')).toBe('text/html; charset=utf-8');
    const policy = answer.headers.get('Content-Security-Policy')!;
    expect(policy).toMatch(/^default-src 'none'; script-src 'self' 'wasm-unsafe-eval';/);
    expect(policy).toMatch(/; require-trusted-types-for 'script'; trusted-types tincan$/);
    expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|https?:|\*/);
    expect(answer.headers.get('Permissions-Policy')).toContain('microphone=()');
  });

  it.each([
    'app://bundle/../secret.txt',
    'app://bundle/..%2fsecret.txt',
    'app://bundle/%2e%2e/secret.txt',
    'app://bundle/assets/..%5c..%5csecret.txt',
    'app://bundle//index.html',
    'app://bundle/index.html%00',
    'app://bundle/assets/',
    'app://bundle/assets/page.js.map',
    'app://bundle/__proto__',
    'app://other/index.html',
    'app:index.html',
    'file:///etc/passwd',
    '',
  ])('refuses %s', async (url) => {
    const answer = await get(url);
    expect(answer.status).toBe(404);
    expect(await answer.text()).toBe('');
  });

  it.each(['POST', 'PUT', 'DELETE', 'HEAD'])('refuses %s', async (method) => {
    expect((await get(page, method)).status).toBe(405);
  });
});

describe('permissions', () => {
  // Every name in Electron's two lists, and one that does not exist yet.
  const names =
    'accessibility-events automatic-fullscreen background-fetch background-sync clipboard-read clipboard-sanitized-write deprecated-sync-clipboard-read display-capture fileSystem fullscreen geolocation hid idle-detection keyboardLock local-network local-network-access loopback-network media mediaKeySystem midi midiSysex nfc notifications openExternal payment-handler periodic-background-sync pointerLock push-messaging screen-wake-lock sensors serial speaker-selection storage-access top-level-storage-access unknown usb window-management of-tomorrow'.split(
      ' ',
    );
  const camera = { mediaTypes: ['video'], mediaType: 'video', isMainFrame: true, requestingUrl: page };
  const requested = (name: string, details: object) => {
    const answer = vi.fn();
    fake.guards.request!({}, name, answer, details);
    expect(answer).toHaveBeenCalledOnce();
    return answer.mock.calls[0]![0] as boolean;
  };
  const checked = (name: string, details: object, origin = 'app://bundle/') =>
    fake.guards.check!({}, name, origin, details);

  it('grants nothing at all while the scanner is shut', () => {
    manners.setScanning(false);
    expect(names.filter((name) => requested(name, camera) || checked(name, camera))).toEqual([]);
  });

  it('grants the camera, and only the camera, while the scanner is open', () => {
    manners.setScanning(true);
    expect(names.filter((name) => requested(name, camera))).toEqual(['media']);
    expect(names.filter((name) => checked(name, camera))).toEqual(['media']);
  });

  it.each([
    { ...camera, mediaTypes: ['audio'], mediaType: 'audio' },
    { ...camera, mediaTypes: ['video', 'audio'], mediaType: 'unknown' },
    { ...camera, mediaTypes: [], mediaType: undefined },
    { ...camera, mediaTypes: undefined, mediaType: undefined },
    { ...camera, isMainFrame: false },
  ])('refuses %o even while scanning', (details) => {
    manners.setScanning(true);
    expect(requested('media', details)).toBe(false);
    expect(checked('media', details)).toBe(false);
  });

  it('refuses the camera to any other address', () => {
    manners.setScanning(true);
    expect(requested('media', { ...camera, requestingUrl: 'https://example.org' })).toBe(false);
    expect(checked('media', camera, 'https://example.org')).toBe(false);
  });

  it('hands out no device and no screen', () => {
    const answer = vi.fn();
    fake.guards.display!({}, answer);
    expect(answer).toHaveBeenCalledExactlyOnceWith({});
    expect(fake.guards.device!()).toBe(false);
  });

  it('forgets that the scanner was open after half a minute', async () => {
    const { openScanGate } = await import('../../../electron/permissions.ts');
    let now = 0;
    const gate = openScanGate(() => now);
    gate.set(true);
    now = 29_999;
    expect(gate.isOpen()).toBe(true);
    now = 30_000;
    expect(gate.isOpen()).toBe(false);
  });
});

describe('the keychain', () => {
  it('opens what it sealed', () => {
    const box = manners.secrets()!;
    expect(box.seal('secret')).not.toContain('secret');
    expect(box.open(box.seal('secret'))).toBe('secret');
  });

  it('is none where the system has none, or only a constant password', () => {
    fake.keychain.available = false;
    expect(manners.secrets()).toBeUndefined();
    fake.keychain.available = true;
    vi.spyOn(process, 'platform', 'get').mockReturnValue('linux');
    fake.keychain.backend = 'basic_text';
    expect(manners.secrets()).toBeUndefined();
    vi.restoreAllMocks();
  });
});

describe('the bridge', () => {
  const strangers = (): [string, unknown][] => [
    ['no frame', { ...ourEvent(), senderFrame: null }],
    ['a subframe', { ...ourEvent(), senderFrame: { url: page } }],
    ['another window', { sender: new fake.WebContents(), senderFrame: window().webContents.mainFrame }],
  ];

  it('answers only the main frame of its own window', async () => {
    for (const [who, event] of strangers()) {
      fake.ipcMain.emit('tincan:connect', event, 'ui');
      await expect(fake.invokeHandlers.get('tincan:stage')!(event, ['/a']), who).rejects.toThrow('untrusted sender');
    }
    expect(window().webContents.posted).toEqual([]);
    expect(staged).toEqual([]);
  });

  it('answers no frame that has gone elsewhere', () => {
    const frame = window().webContents.mainFrame;
    frame.url = 'https://example.org/';
    fake.ipcMain.emit('tincan:connect', ourEvent(), 'ui');
    frame.url = page;
    expect(window().webContents.posted).toEqual([]);
  });

  it.each([['host'], [undefined], [{}], ['__proto__']])('knows no role %o', (role) => {
    fake.ipcMain.emit('tincan:connect', ourEvent(), role);
    expect(window().webContents.posted).toEqual([]);
  });

  it('serves a role over the port it posts', async () => {
    fake.ipcMain.emit('tincan:connect', ourEvent(), 'ui');
    const [{ channel, message, ports }] = window().webContents.posted.splice(0) as [
      { channel: string; message: unknown; ports: [InstanceType<typeof fake.MessageChannelMain>['port2']] },
    ];
    expect([channel, message]).toEqual(['tincan:port', 'ui']);
    const answer = new Promise((resolve) => ports[0].on('message', ({ data }) => resolve(data)));
    ports[0].start();
    ports[0].postMessage({ is: 'call', id: 1, name: 'app.facts', input: {} });
    expect(await answer).toEqual({ is: 'answer', id: 1, output: { version: 'test' } });
  });

  it('parks transfers once for every engine that is gone or was replaced', async () => {
    fake.ipcMain.emit('tincan:connect', ourEvent(), 'engine');
    fake.ipcMain.emit('tincan:connect', ourEvent(), 'engine');
    expect(parked).toBe(1);
    const [, second] = window().webContents.posted.splice(0);
    const port = second!.ports[0] as InstanceType<typeof fake.MessageChannelMain>['port2'];
    port.close();
    await vi.waitFor(() => expect(parked).toBe(2));
  });

  it.each([[undefined], ['/a'], [['relative']], [[{}]], [['/a\0b']], [Array.from({ length: 10_001 }, () => '/a')]])(
    'stages nothing from %o',
    async (paths) => {
      await expect(fake.invokeHandlers.get('tincan:stage')!(ourEvent(), paths)).rejects.toThrow();
      expect(staged).toEqual([]);
    },
  );
});

describe('the desk manners', () => {
  it('keeps the machine awake only while bytes move', () => {
    manners.showProgress(0.5, true);
    expect(fake.blockers.size).toBe(1);
    manners.showProgress(null, false);
    expect(fake.blockers.size).toBe(0);
    expect(window().progress).toEqual([0.5, -1]);
  });

  it('tells the host that the machine woke', () => {
    fake.powerMonitor.emit('resume');
    expect(woken).toEqual(['woke']);
  });

  it('takes files and a link from a second launch', async () => {
    fake.app.emit('second-instance', {}, ['tincan', 'a.iso', '--inspect', 'tincan:ABC'], '/home/someone');
    expect(staged.splice(0)).toEqual([['/home/someone/a.iso']]);
    expect(links.splice(0)).toEqual(['TINCAN:ABC']);
  });

  it('stays in the tray when the window is closed while bytes move', () => {
    busy = true;
    const preventDefault = vi.fn();
    window().emit('close', { preventDefault });
    expect(preventDefault).toHaveBeenCalledOnce();
    expect(fake.trays).toHaveLength(1);
    busy = false;
    window().emit('close', { preventDefault });
    expect(preventDefault).toHaveBeenCalledOnce();
  });

  it('asks before it quits in the middle of a transfer, and closes the host before it goes', async () => {
    const preventDefault = vi.fn();
    busy = true;
    fake.app.emit('before-quit', { preventDefault });
    expect([fake.dialog.showMessageBoxSync.mock.calls.length, closed]).toEqual([1, 0]);
    fake.answers.quit = 1;
    fake.app.emit('before-quit', { preventDefault });
    await vi.waitFor(() => expect(fake.app.quits).toBe(1));
    expect([closed, preventDefault.mock.calls.length]).toEqual([1, 2]);
  });
});
