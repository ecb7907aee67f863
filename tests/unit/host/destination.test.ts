// Folders that may receive, and those that may not.

import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openFailingDisk } from '../../../host/disk/failing-disk.ts';
import { openRealDisk } from '../../../host/disk/real-disk.ts';
import { type Destinations, freeBytes, openDestinations, refuseWithoutRoom } from '../../../host/sink/destination.ts';
import { isInside } from '../../../host/sink/disk-path.ts';

let folder: string;
let home: string;
let destinations: Destinations;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tincan-destination-'));
  home = path.join(folder, 'home');
  for (const name of ['.ssh', '.config/autostart/deep', 'Library/LaunchAgents', 'Downloads', '..odd']) {
    mkdirSync(path.join(home, name), { recursive: true });
  }
  mkdirSync(path.join(folder, 'data', 'sends'), { recursive: true });
  vi.stubEnv('HOME', home);
  destinations = openDestinations({ disk: openRealDisk(), dataDir: path.join(folder, 'data') });
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

describe('a destination', () => {
  it.each([
    ['P8 N25 the home folder itself', () => home],
    ['P8 the top of the disk', () => '/'],
    ['P8 keys', () => path.join(home, '.ssh')],
    ['P8 what starts by itself', () => path.join(home, '.config', 'autostart')],
    ['P8 below what starts by itself', () => path.join(home, '.config', 'autostart', 'deep')],
    ['P8 what starts by itself on macOS', () => path.join(home, 'Library', 'LaunchAgents')],
    ['P8 Tincan’s own folder', () => path.join(folder, 'data')],
    ['P8 below Tincan’s own folder', () => path.join(folder, 'data', 'sends')],
    ['N38 the processes', () => '/proc/self'],
    ['N38 the devices', () => '/dev'],
    ['N38 the system’s settings', () => '/etc'],
    ['N38 a relative path', () => 'Downloads'],
    ['N38 a path with NUL', () => `${home}\0`],
    [
      'N38 a file',
      () => {
        writeFileSync(path.join(folder, 'file'), '');
        return path.join(folder, 'file');
      },
    ],
    [
      'N38 a pipe',
      () => {
        execFileSync('mkfifo', [path.join(folder, 'pipe')]);
        return path.join(folder, 'pipe');
      },
    ],
    [
      'N38 a link to one of those',
      () => {
        symlinkSync(path.join(home, '.ssh'), path.join(folder, 'innocent'));
        return path.join(folder, 'innocent');
      },
    ],
  ])('is refused: %s', async (_what, wanted) => {
    await expect(destinations.admit(wanted())).rejects.toMatchObject({ code: 'destination-refused' });
  });

  it('that is not there is said to be missing', async () => {
    await expect(destinations.admit(path.join(home, 'nowhere'))).rejects.toMatchObject({ code: 'destination-missing' });
  });

  it('is any other folder, by the same id each time, and never by an id that was made up', async () => {
    const first = await destinations.admit(path.join(home, 'Downloads'));
    const again = await destinations.admit(path.join(home, 'Downloads', '..', 'Downloads'));
    expect(again.id).toBe(first.id);
    expect(await destinations.admit(path.join(home, '..odd'))).toMatchObject({ label: path.join(home, '..odd') });
    expect(() => destinations.find(`${first.id}0`)).toThrow(expect.objectContaining({ code: 'destination-refused' }));
  });
});

describe.skipIf(process.platform === 'win32')('N40 a destination that others can change', () => {
  it.each([
    [0o755, undefined],
    [0o775, undefined],
    [0o1777, undefined],
    [0o777, true],
    [0o757, true],
  ] as const)('with mode %o is said to be shared: %s', async (mode, isShared) => {
    const shared = path.join(home, 'Downloads');
    chmodSync(shared, mode);
    expect((await destinations.admit(shared)).isShared).toBe(isShared);
  });

  it.skipIf(process.getuid?.() !== 0)('is one of another owner', async () => {
    const theirs = path.join(home, 'Downloads');
    chownSync(theirs, 1234, 1234);
    expect((await destinations.admit(theirs)).isShared).toBe(true);
  });
});

describe('inside', () => {
  it.each([
    ['/a/b', '/a/b', true],
    ['/a/b/c', '/a/b', true],
    ['/a/bc', '/a/b', false],
    ['/a', '/a/b', false],
    ['/a/b/..c', '/a/b', true],
    ['/a/b/../c', '/a/b', false],
  ])('%s in %s: %s', (inner, outer, wanted) => {
    expect(isInside(inner, outer)).toBe(wanted);
  });
});

describe('the name of the download folder itself', () => {
  const openOn = (disk = openFailingDisk(openRealDisk(), fs)) => ({
    disk,
    syncsOfParent: () => disk.calls.filter(({ name, path: of }) => name === 'syncFolder' && of === home).length,
    admit: openDestinations({ disk, dataDir: path.join(folder, 'data') }).admit,
  });

  it('is on the disk before it receives, once for each run', async () => {
    const { admit, syncsOfParent } = openOn();
    await admit(path.join(home, 'New'), { make: true });
    expect(syncsOfParent()).toBe(1);
    await admit(path.join(home, 'New'), { make: true });
    expect(syncsOfParent()).toBe(1);
  });

  it('is synced again by the next run: the one that made the folder may have been killed before it did', async () => {
    await openOn().admit(path.join(home, 'New'), { make: true });
    const { admit, syncsOfParent } = openOn();
    await admit(path.join(home, 'New'), { make: true });
    expect(syncsOfParent()).toBe(1);
  });

  it('is synced again after a sync that failed, and nothing is received until then', async () => {
    const { admit, disk, syncsOfParent } = openOn();
    const heal = disk.fail({ when: ({ name, path: of }) => name === 'syncFolder' && of === home, errno: 'EIO' });
    for (const time of [1, 2]) {
      await expect(admit(path.join(home, 'New'), { make: true }), `${time}`).rejects.toMatchObject({
        code: 'disk-error',
      });
    }
    heal();
    await admit(path.join(home, 'New'), { make: true });
    expect(syncsOfParent()).toBe(3);
  });

  it.each(['EACCES', 'EINVAL'])('may lie in a folder that cannot be synced: %s', async (errno) => {
    const { admit, disk } = openOn();
    disk.fail({ when: ({ name, path: of }) => name === 'syncFolder' && of === home, errno });
    expect(await admit(path.join(home, 'Downloads'), { make: true })).toMatchObject({
      label: path.join(home, 'Downloads'),
    });
  });
});

it('a disk that does not say how much room it has is not taken for a full one', async () => {
  const real = openRealDisk();
  const silent = { ...real, room: async () => ({ ...(await real.room(folder)), freeBytes: 0, totalBytes: 0 }) };
  await refuseWithoutRoom(folder, 1_000_000, { disk: silent });
  expect(await freeBytes(silent, folder, 500)).toBe(500);
});
