// Files of the data folder that cannot be read for a moment: what is in them is not lost, and whoever asks is told.

import * as fs from 'node:fs';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Disk } from '../../../host/disk/disk.ts';
import { type FailingDisk, openFailingDisk } from '../../../host/disk/failing-disk.ts';
import { openRealDisk } from '../../../host/disk/real-disk.ts';
import { openHistory } from '../../../host/history.ts';
import { openLastPeer } from '../../../host/lan/last-peer.ts';
import { openRememberedStore, type StoredPeer } from '../../../host/lan/remembered-store.ts';
import { openSettings } from '../../../host/settings.ts';
import { openTestHost } from './test-host.ts';

let folder: string;
let disk: FailingDisk;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tincan-data-'));
  disk = openFailingDisk(openRealDisk(), fs);
});
afterEach(() => rmSync(folder, { recursive: true }));

const unreadable = (errno: string) => disk.fail({ when: ({ name }) => name === 'readText', errno });
const content = (name: string) => readFileSync(path.join(folder, name), 'utf8');
const item = {
  id: 'ab'.repeat(16),
  direction: 'receive',
  title: 't',
  peerName: 'p',
  checked: true,
  bytes: 1,
  files: 1,
  state: 'failed',
  endedAtMs: 1,
} as const;
const peer: StoredPeer = {
  id: '0123456789abcdef',
  secret: 'ab'.repeat(32),
  side: 'inviter',
  name: 'Ben',
  addresses: [],
  seenAtMs: 5,
  blocked: false,
};

describe.each(['EMFILE', 'EIO', 'EACCES'])('a file that answers %s at the start', (errno) => {
  it('of the history keeps what is in it, says so, and takes new entries once it can be read', async () => {
    const before = await openHistory(disk, folder);
    for (const id of ['1', '2', '3']) await before.add({ ...item, id });
    const mend = unreadable(errno);
    const history = await openHistory(disk, folder);
    await expect(history.list()).rejects.toMatchObject({ code: 'data-unreadable' });
    await expect(history.add({ ...item, id: '4' })).rejects.toMatchObject({ code: 'data-unreadable' });
    mend();
    await history.add({ ...item, id: '5' });
    expect((await history.list()).map(({ id }) => id)).toEqual(['5', '3', '2', '1']);
  });

  it('of the settings keeps them: a change is refused, or made to what is there', async () => {
    await (await openSettings(disk, folder, '/d')).write({ deviceName: 'Anna', internet: true });
    const kept = content('settings.json');
    const mend = unreadable(errno);
    const settings = await openSettings(disk, folder, '/d');
    await expect(settings.write({ theme: 'dark' })).rejects.toMatchObject({ code: 'data-unreadable' });
    expect(content('settings.json')).toBe(kept);
    mend();
    expect(await settings.write({ theme: 'dark' })).toMatchObject({
      deviceName: 'Anna',
      internet: true,
      theme: 'dark',
    });
  });

  it('of the settings leaves off what a person may have turned off', async () => {
    await (await openSettings(disk, folder, '/d')).write({ nearReplies: false, internet: true });
    const mend = unreadable(errno);
    const settings = await openSettings(disk, folder, '/d');
    const { nearReplies, nearKnown, directLane, internet, askRouter, askStun } = settings.get();
    expect([nearReplies, nearKnown, directLane, internet, askRouter, askStun]).toEqual(Array(6).fill(false));
    mend();
    await settings.write({ deviceName: 'Anna' });
    expect(settings.get()).toMatchObject({ nearReplies: false, nearKnown: true, internet: true, deviceName: 'Anna' });
  });

  it('of the remembered computers keeps them with their secrets', async () => {
    await (await openRememberedStore(disk, folder, undefined)).write([peer]);
    const kept = content('known-computers.json');
    const mend = unreadable(errno);
    const store = await openRememberedStore(disk, folder, undefined);
    const other = { ...peer, id: 'f'.repeat(16) };
    await expect(store.write([other, ...store.all()])).rejects.toMatchObject({ code: 'data-unreadable' });
    mend();
    // The first who comes after that had not seen them either.
    await expect(store.write([other, ...store.all()])).rejects.toMatchObject({ code: 'data-unreadable' });
    expect([store.all(), content('known-computers.json')]).toEqual([[peer], kept]);
    await store.write([other, ...store.all()]);
    expect((await openRememberedStore(disk, folder, undefined)).all()).toEqual([other, peer]);
    expect(readdirSync(folder)).toEqual(['known-computers.json']);
  });
});

it('a history that is read twice at once loses no entry that came meanwhile', async () => {
  await (await openHistory(disk, folder)).add({ ...item, id: '1' });
  const mend = unreadable('EIO');
  const { promise: isSlow, resolve: goOn } = Promise.withResolvers<void>();
  let reads = 0;
  const slow: Disk = {
    ...disk,
    async readText(file) {
      reads += 1;
      const isOurs = reads === 2;
      const text = await disk.readText(file);
      if (isOurs) await isSlow;
      return text;
    },
  };
  const history = await openHistory(slow, folder);
  mend();
  const listed = history.list();
  const added = history.add({ ...item, id: '2' });
  await Promise.race([added, setTimeout(100)]);
  goOn();
  await Promise.all([listed, added]);
  await history.add({ ...item, id: '3' });
  expect((await history.list()).map(({ id }) => id)).toEqual(['3', '2', '1']);
});

it('a link that was ended is forgotten, also where nobody knew what the file said', async () => {
  await (await openLastPeer(disk, folder)).set('a');
  const mend = unreadable('EIO');
  const last = await openLastPeer(disk, folder);
  mend();
  await last.set(undefined);
  expect((await openLastPeer(disk, folder)).id()).toBeUndefined();
});

it('remembered computers that are being sealed are waited for', async () => {
  const box = { seal: (plain: string) => setTimeout(50, plain), open: async (sealed: string) => sealed };
  const store = await openRememberedStore(disk, folder, box);
  const writing = store.write([peer]);
  await store.idle();
  expect((await openRememberedStore(disk, folder, box)).all()).toEqual([peer]);
  await writing;
});

it('a host that closes writes down first what it was told', async () => {
  const slow: Disk = {
    ...disk,
    async open(...how) {
      const file = await disk.open(...how);
      return { ...file, sync: () => setTimeout(50).then(file.sync) };
    },
  };
  const test = await openTestHost({ disk: slow });
  try {
    const { ui, engine } = test.host;
    const { endedAtMs: _, id: transfer, ...ended } = item;
    const told = [
      ui['settings.write']({ deviceName: 'Anna' }),
      ui['remembered.linked']({ id: 'f'.repeat(16) }),
      engine['history.add']({ ...ended, transfer }),
    ];
    await test.host.close();
    const data = path.join(test.folder, 'data');
    expect((await openSettings(disk, data, '/d')).get().deviceName).toBe('Anna');
    expect((await openLastPeer(disk, data)).id()).toBe('f'.repeat(16));
    expect(await (await openHistory(disk, data)).list()).toMatchObject([{ id: transfer }]);
    await Promise.all(told);
  } finally {
    await test.close();
  }
});

it('a setting that could not be stored does not count', async () => {
  const settings = await openSettings(disk, folder, '/d');
  const mend = disk.fail({ when: ({ name }) => name === 'write', errno: 'ENOSPC' });
  await expect(settings.write({ internet: true })).rejects.toMatchObject({ code: 'data-folder-full' });
  expect(settings.get().internet).toBe(false);
  mend();
  await settings.write({ deviceName: 'Anna' });
  expect(settings.get()).toMatchObject({ internet: false, deviceName: 'Anna' });
});

it('a host starts all the same, and nothing in its folder is replaced', async () => {
  const test = await openTestHost({ disk });
  try {
    await test.host.ui['settings.write']({ deviceName: 'Anna' });
    const file = path.join(test.folder, 'data', 'settings.json');
    const kept = readFileSync(file, 'utf8');
    const mend = unreadable('EMFILE');
    await test.restart();
    await expect(test.host.ui['history.list']({})).rejects.toMatchObject({ code: 'data-unreadable' });
    expect(readFileSync(file, 'utf8')).toBe(kept);
    mend();
    expect(await test.host.ui['history.list']({})).toEqual([]);
  } finally {
    await test.close();
  }
});
