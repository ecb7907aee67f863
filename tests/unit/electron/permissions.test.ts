// What the page may ask the machine for, and what the keychain is.

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import * as fake from './electron-fake.ts';
import { type FakeShell, page, startFakeShell } from './fake-shell.ts';

vi.mock('electron', () => import('./electron-fake.ts'));

let shell: FakeShell;
beforeAll(async () => {
  shell = await startFakeShell();
});
afterAll(() => shell.remove());

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
    shell.manners.setScanning(false);
    expect(names.filter((name) => requested(name, camera) || checked(name, camera))).toEqual([]);
  });

  it('grants the camera, and only the camera, while the scanner is open', () => {
    shell.manners.setScanning(true);
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
    shell.manners.setScanning(true);
    expect(requested('media', details)).toBe(false);
    expect(checked('media', details)).toBe(false);
  });

  it('refuses the camera to any other address', () => {
    shell.manners.setScanning(true);
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
    const box = shell.manners.secrets()!;
    expect(box.seal('secret')).not.toContain('secret');
    expect(box.open(box.seal('secret'))).toBe('secret');
  });

  it('is none where the system has none, or only a constant password', () => {
    fake.keychain.available = false;
    expect(shell.manners.secrets()).toBeUndefined();
    fake.keychain.available = true;
    vi.spyOn(process, 'platform', 'get').mockReturnValue('linux');
    fake.keychain.backend = 'basic_text';
    expect(shell.manners.secrets()).toBeUndefined();
    vi.restoreAllMocks();
  });
});
