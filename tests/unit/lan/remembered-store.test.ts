// What is kept of remembered computers, on a real disk.

import * as fs from 'node:fs';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openFailingDisk } from '../../../host/disk/failing-disk.ts';
import { openRealDisk } from '../../../host/disk/real-disk.ts';
import { openRememberedStore, type SecretBox, type StoredPeer } from '../../../host/lan/remembered-store.ts';
import { Fault } from '../../../shared/model/fault.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tincan-known-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = () => path.join(folder, 'known-computers.json');
const peer: StoredPeer = {
  id: '0123456789abcdef',
  secret: 'ab'.repeat(32),
  side: 'inviter',
  name: 'Ben’s desktop',
  addresses: ['192.168.1.9'],
  seenAtMs: 5,
  blocked: false,
};
const box: SecretBox = {
  seal: async (plain) => Buffer.from([...plain].toReversed().join('')).toString('base64'),
  open: async (sealed) => [...Buffer.from(sealed, 'base64').toString()].toReversed().join(''),
};
const locked: SecretBox = {
  seal: () => Promise.reject(new Fault('keychain-locked', 'locked')),
  open: () => Promise.reject(new Fault('keychain-locked', 'locked')),
};

describe('remembered computers', () => {
  it('are there again, in a file that only this account may read', async () => {
    await (await openRememberedStore(openRealDisk(), folder, undefined)).write([peer]);
    expect((await openRememberedStore(openRealDisk(), folder, undefined)).all()).toEqual([peer]);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
  });

  it('are sealed by the keychain where there is one: no secret, name or address stands in the file', async () => {
    await (await openRememberedStore(openRealDisk(), folder, box)).write([peer]);
    const text = readFileSync(file(), 'utf8');
    for (const secret of [peer.secret, 'Ben', '192.168']) expect(text).not.toContain(secret);
    expect((await openRememberedStore(openRealDisk(), folder, box)).all()).toEqual([peer]);
  });

  it.each([
    ['half a file', '{"version":1,"pe'],
    ['another version', '{"version":2,"peers":[]}'],
    ['a peer without a secret', JSON.stringify({ version: 1, peers: [{ ...peer, secret: '' }] })],
  ])('start anew from %s, which is renamed and kept', async (_, text) => {
    writeFileSync(file(), text);
    expect((await openRememberedStore(openRealDisk(), folder, undefined)).all()).toEqual([]);
    expect(await readdir(folder)).toEqual(['known-computers.json.damaged']);
  });

  it.each([
    ['in the open', undefined],
    ['sealed', box],
  ])('are all there where a newer version noted more of one: %s', async (_, keychain) => {
    const newer = { ...peer, newerField: true };
    await (await openRememberedStore(openRealDisk(), folder, keychain)).write([newer]);
    expect((await openRememberedStore(openRealDisk(), folder, keychain)).all()).toEqual([peer]);
  });

  it('start anew when what the keychain opens is damaged', async () => {
    const sealed = await box.seal('half');
    writeFileSync(file(), JSON.stringify({ version: 1, sealed }));
    expect((await openRememberedStore(openRealDisk(), folder, box)).all()).toEqual([]);
    expect(await readdir(folder)).toEqual(['known-computers.json.damaged']);
  });

  it('are kept and not written over while the keychain is locked, and are there once it is open', async () => {
    await (await openRememberedStore(openRealDisk(), folder, box)).write([peer]);
    const before = readFileSync(file(), 'utf8');
    let current = locked;
    const store = await openRememberedStore(openRealDisk(), folder, {
      seal: (plain) => current.seal(plain),
      open: (sealed) => current.open(sealed),
    });
    expect([store.isLocked(), store.all()]).toEqual([true, []]);
    await expect(store.write([])).rejects.toMatchObject({ code: 'keychain-locked' });
    expect(await store.unlock()).toBe(false);
    expect(readFileSync(file(), 'utf8')).toBe(before);
    current = box;
    expect([await store.unlock(), store.isLocked(), store.all()]).toEqual([true, false, [peer]]);
  });

  it('are kept where the keychain they were sealed by is missing, and never written in the open', async () => {
    await (await openRememberedStore(openRealDisk(), folder, box)).write([peer]);
    const missing = await openRememberedStore(openRealDisk(), folder, undefined);
    expect(missing.isLocked()).toBe(true);
    const gone = await openRememberedStore(openRealDisk(), folder, { ...box, seal: async () => undefined });
    await expect(gone.write([peer])).rejects.toMatchObject({ code: 'keychain-locked' });
    expect(readFileSync(file(), 'utf8')).not.toContain(peer.secret);
    expect(await readdir(folder)).toEqual(['known-computers.json']);
  });

  it('are not written over by the second of two changes, where they could not be read before the first', async () => {
    await (await openRememberedStore(openRealDisk(), folder, undefined)).write([peer]);
    const disk = openFailingDisk(openRealDisk(), fs);
    const mend = disk.fail({ when: ({ name }) => name === 'readText', errno: 'EIO' });
    const store = await openRememberedStore(disk, folder, undefined);
    mend();
    const others = ['b', 'c'].map((digit) => ({ ...peer, id: digit.repeat(16) }));
    const outcomes = await Promise.allSettled(others.map((other) => store.write([other, ...store.all()])));
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect((await openRememberedStore(openRealDisk(), folder, undefined)).all()).toEqual([peer]);
    await store.write([others[0]!, ...store.all()]);
    expect(store.all()).toEqual([others[0], peer]);
  });
});
