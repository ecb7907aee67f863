// How Tincan starts and what its one window may do, item by item of Electron's list of locks.

import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import * as fake from './electron-fake.ts';
import { type FakeShell, page, startFakeShell } from './fake-shell.ts';

vi.mock('electron/main', () => import('./electron-fake.ts'));
vi.mock('electron/common', () => import('./electron-fake.ts'));

let shell: FakeShell;
beforeAll(async () => {
  shell = await startFakeShell();
});
afterAll(() => shell.remove());

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

  it('shows real addresses in codes, lets the allocator keep memory, and adds no other switch', () => {
    expect(fake.switches).toEqual([
      ['disable-features', 'WebRtcHideLocalIpsWithMdns,BackgroundResourceFetch'],
      ['enable-features', 'PartitionAllocLargeEmptySlotSpanRing,PartitionAllocAdjustSizeWhenInForeground'],
    ]);
    expect(shell.window().webContents.ipPolicy).toBe('default');
  });

  it('has no DevTools and no reload in the menu of a packaged app', () => {
    expect(JSON.stringify(fake.menus)).not.toMatch(/toggleDevTools|reload/i);
  });
});

describe('the window', () => {
  it('has exactly the web preferences that were decided on', () => {
    expect(shell.window().options.webPreferences).toEqual({
      preload: path.join(shell.folder, 'electron/preload.cjs'),
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
    expect(shell.window().loaded).toEqual([page]);
  });

  it.each(['will-navigate', 'will-frame-navigate', 'will-redirect', 'will-attach-webview'])('prevents %s', (name) => {
    for (const url of ['https://example.org', `${page}#x`, `${page}?x`, 'app://bundle/', 'app://bundle/other.html']) {
      const preventDefault = vi.fn();
      shell.window().webContents.emit(name, { preventDefault, url, isMainFrame: true });
      expect(preventDefault, url).toHaveBeenCalledOnce();
    }
  });

  it('lets the page load itself again, in the main frame and by its exact address', () => {
    for (const [name, isMainFrame, times] of [
      ['will-navigate', true, 0],
      ['will-frame-navigate', true, 0],
      ['will-frame-navigate', false, 1],
      ['will-redirect', true, 1],
    ] as const) {
      const preventDefault = vi.fn();
      shell.window().webContents.emit(name, { preventDefault, url: page, isMainFrame });
      expect(preventDefault, name).toHaveBeenCalledTimes(times);
    }
  });

  it('is shown once, on the first sign that there is something or nothing to show', () => {
    const { visible } = shell.window();
    expect(visible).toBe(false);
    shell.window().webContents.emit('did-fail-load');
    expect(shell.window().visible).toBe(true);
    shell.window().visible = false;
    shell.window().emit('ready-to-show');
    expect(shell.window().visible).toBe(false);
  });

  it.each(['https://example.org', 'javascript:alert(1)', 'smb://h/x.desktop', page])(
    'opens no window for %s',
    (url) => {
      expect(shell.window().webContents.openHandler!({ url })).toEqual({ action: 'deny' });
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

  it('brings a page that crashed back, but not for ever: then it asks once', async () => {
    const before = shell.window().loaded.length;
    fake.dialog.showMessageBox.mockClear();
    for (let time = 0; time < 10; time += 1)
      shell.window().webContents.emit('render-process-gone', {}, { reason: 'oom' });
    expect(shell.window().loaded.length - before).toBe(3);
    await vi.waitFor(() => expect(shell.noted).toHaveLength(17));
    expect(shell.noted.splice(0).map(({ is }) => is)).toEqual([
      ...Array.from({ length: 4 }, () => 'page-crashed'),
      ...Array.from({ length: 6 }, () => ['page-given-up', 'page-crashed']).flat(),
      'page-given-up',
    ]);
    expect(fake.dialog.showMessageBox).toHaveBeenCalledOnce();
  });
});
