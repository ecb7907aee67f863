// What the page may ask the machine for, and what the keychain is.

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
    return vi.waitFor(() => {
      expect(answer).toHaveBeenCalledOnce();
      return answer.mock.calls[0]![0] as boolean;
    });
  };
  const filter = async (test: (name: string) => Promise<boolean>) => {
    const answers = await Promise.all(names.map(test));
    return names.filter((_, at) => answers[at]);
  };
  const checked = (name: string, details: object, origin = 'app://bundle/') =>
    fake.guards.check!({}, name, origin, details);

  it('grants nothing that is asked for while the scanner is shut', async () => {
    await shell.services.call('setScanning', { on: false });
    expect(await filter((name) => requested(name, camera))).toEqual([]);
  });

  it('grants the camera, and only the camera, while the scanner is open', async () => {
    await shell.services.call('setScanning', { on: true });
    expect(await filter((name) => requested(name, camera))).toEqual(['media']);
  });

  it('says yes to the check for video at any time: WebRTC lists the network interfaces by it', async () => {
    for (const on of [false, true]) {
      await shell.services.call('setScanning', { on });
      expect(names.filter((name) => checked(name, camera))).toEqual(['media']);
    }
  });

  it.each([
    { ...camera, mediaTypes: ['audio'], mediaType: 'audio' },
    { ...camera, mediaTypes: ['video', 'audio'], mediaType: 'unknown' },
    { ...camera, mediaTypes: [], mediaType: undefined },
    { ...camera, mediaTypes: undefined, mediaType: undefined },
    { ...camera, isMainFrame: false },
  ])('refuses %o even while scanning', async (details) => {
    await shell.services.call('setScanning', { on: true });
    expect(await requested('media', details)).toBe(false);
    expect(checked('media', details)).toBe(false);
  });

  it('refuses the camera to any other address', async () => {
    await shell.services.call('setScanning', { on: true });
    expect(await requested('media', { ...camera, requestingUrl: 'https://example.org' })).toBe(false);
    expect(checked('media', camera, 'https://example.org')).toBe(false);
  });

  it('asks macOS for the camera before it grants it, and grants what macOS grants', async () => {
    vi.spyOn(process, 'platform', 'get').mockReturnValue('darwin');
    await shell.services.call('setScanning', { on: true });
    fake.systemPreferences.askForMediaAccess.mockResolvedValueOnce(false);
    expect(await requested('media', camera)).toBe(false);
    expect(await requested('media', camera)).toBe(true);
    expect(fake.systemPreferences.askForMediaAccess).toHaveBeenCalledTimes(2);
    vi.restoreAllMocks();
  });

  it('grants no camera where the scanner was shut while macOS asked the person, however long that took', async () => {
    vi.spyOn(process, 'platform', 'get').mockReturnValue('darwin');
    for (const shut of [true, false]) {
      await shell.services.call('setScanning', { on: true });
      const person = Promise.withResolvers<boolean>();
      fake.systemPreferences.askForMediaAccess.mockReturnValueOnce(person.promise);
      const answer = requested('media', camera);
      if (shut) await shell.services.call('setScanning', { on: false });
      person.resolve(true);
      expect(await answer).toBe(!shut);
    }
    vi.restoreAllMocks();
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
  const seal = (plain: string) => shell.services.call('seal', { plain });
  const unseal = (sealed: string) => shell.services.call('unseal', { sealed });

  it('opens what it sealed', async () => {
    const sealed = (await seal('secret'))!;
    expect(sealed).not.toContain('secret');
    expect(await unseal(sealed)).toBe('secret');
  });

  it('seals nothing where the system has none, or only a constant password', async () => {
    fake.keychain.available = false;
    expect(await seal('secret')).toBeNull();
    fake.keychain.available = true;
    vi.spyOn(process, 'platform', 'get').mockReturnValue('linux');
    fake.keychain.backend = 'basic_text';
    expect(await seal('secret')).toBeNull();
    fake.keychain.backend = 'gnome_libsecret';
    vi.restoreAllMocks();
  });

  it('says that it is locked, instead of that the text is damaged', async () => {
    const sealed = (await seal('secret'))!;
    fake.keychain.locked = true;
    await expect(unseal(sealed)).rejects.toMatchObject({ code: 'keychain-locked' });
    fake.keychain.locked = false;
    fake.keychain.available = false;
    await expect(unseal(sealed)).rejects.toMatchObject({ code: 'keychain-locked' });
    fake.keychain.available = true;
    expect(await unseal(sealed)).toBe('secret');
  });
});
