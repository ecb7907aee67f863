// Whom a Tincan was linked with, on a disk that is slower than the links.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openRealDisk } from '../../../host/disk/real-disk.ts';
import { openLastPeer } from '../../../host/lan/last-peer.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tincan-last-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('is nobody where the link ended while its beginning was still being stored', async () => {
  const last = await openLastPeer(openRealDisk(), folder);
  await Promise.all([last.set('a'), last.set(undefined)]);
  expect(last.id()).toBeUndefined();
  expect((await openLastPeer(openRealDisk(), folder)).id()).toBeUndefined();
});

it('is stored at the next call where the disk took nothing at the first', async () => {
  const real = openRealDisk();
  let isFull = true;
  const rename: typeof real.rename = (from, to) => (isFull ? Promise.reject(new Error('full')) : real.rename(from, to));
  const last = await openLastPeer({ ...real, rename }, folder);
  await expect(last.set('a')).rejects.toThrow();
  isFull = false;
  await last.set('a');
  expect((await openLastPeer(real, folder)).id()).toBe('a');
});
