// What must not be in the shell's sources or its packages at all, whatever the tests of behaviour say.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import config from '../../../build/electron-builder.config.ts';

const room = fileURLToPath(new URL('../../../electron/', import.meta.url));
const sources = readdirSync(room)
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({ name, text: readFileSync(path.join(room, name), 'utf8') }));

describe('the shell', () => {
  it.each([
    'executeJavaScript',
    'insertCSS',
    'child_process',
    'sendSync',
    'ipcMain.handleOnce',
    'setLoginItemSettings',
    'registerFileProtocol',
    'bypassCSP',
    'enableBlinkFeatures',
    'nodeIntegration: true',
    'contextIsolation: false',
    'sandbox: false',
    'webSecurity: false',
    "'file:",
  ])('never says %s', (word) => {
    expect(sources.length).toBeGreaterThan(10);
    expect(sources.filter(({ text }) => text.includes(word)).map(({ name }) => name)).toEqual([]);
  });

  it.each(['openExternal', 'openPath'])('says %s in one place, for what the host judged', (word) => {
    const [place, ...others] = sources.filter(({ text }) => text.includes(word));
    expect([place?.name, others]).toEqual(['shell-services.ts', []]);
    expect(place?.text.match(new RegExp(`shell\\.${word}\\(`, 'g'))).toHaveLength(1);
  });

  it('reads the clipboard in one place, and answers with nothing but the codes in it', () => {
    const [place, ...others] = sources.filter(({ text }) => text.includes('clipboard.readText'));
    expect([place?.name, others]).toEqual(['shell-services.ts', []]);
    expect(place?.text.match(/clipboard\.readText/g)).toHaveLength(1);
    expect(place?.text).toContain('? (codesAlone(copied) ?? null) : null');
  });

  it('hands the page three functions, and talks to main over five names', () => {
    const preload = sources.find(({ name }) => name === 'preload.ts')!.text;
    expect(new Set([...preload.matchAll(/'(tincan:[a-z]+)'/g)].map(([, name]) => name))).toEqual(
      new Set(['tincan:connect', 'tincan:stage', 'tincan:drag', 'tincan:ports', 'tincan:host']),
    );
    expect(preload.match(/exposeInMainWorld/g)).toHaveLength(1);
  });
});

describe('the packages', () => {
  it('mark what arrives on macOS as quarantined, and ask for the camera in words', () => {
    const info = config.mac?.extendInfo as Readonly<Record<string, unknown>>;
    expect(info.LSFileQuarantineEnabled).toBe(true);
    expect(info.NSCameraUsageDescription).toMatch(/camera/);
    expect(info).not.toHaveProperty('NSMicrophoneUsageDescription');
    expect(config.mac?.hardenedRuntime).toBe(true);
  });

  it("offer Tincan for any file on macOS, as nobody's usual program", () => {
    const info = config.mac?.extendInfo as Readonly<Record<string, unknown>>;
    expect(info.CFBundleDocumentTypes).toEqual([
      expect.objectContaining({ LSHandlerRank: 'Alternate', LSItemContentTypes: ['public.data', 'public.folder'] }),
    ]);
  });

  it('put a shortcut into "Send to" on Windows, take it away again, and let no file be a switch', () => {
    const script = readFileSync(path.join(room, '..', config.nsis?.include ?? ''), 'utf8');
    const [install, uninstall] = script.split('!macro customUnInstall');
    expect(install).toMatch(/CreateShortCut "\$SENDTO\\[^"]+\.lnk" "\$INSTDIR\\[^"]+" "--" /);
    expect(uninstall).toMatch(/Delete "\$SENDTO\\[^"]+\.lnk"/);
    expect(install?.match(/\$SENDTO[^"]+/)?.[0]).toBe(uninstall?.match(/\$SENDTO[^"]+/)?.[0]);
  });

  it('are archives, with every fuse set and only what is named packed', () => {
    expect(config.asar).toBe(true);
    expect(config.afterPack).toBeTypeOf('function');
    expect(config.files).toContain('!node_modules/**');
  });
});
