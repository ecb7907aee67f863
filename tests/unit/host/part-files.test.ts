// Where the bytes of a transfer lie while it arrives: many parts at once, few of them open.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Disk } from '../../../host/disk/disk.ts';
import { openRealDisk } from '../../../host/disk/real-disk.ts';
import { openPartFiles } from '../../../host/sink/part-files.ts';
import { layOut, spansOf } from '../../../shared/model/layout.ts';
import { creditMaxBlocks, openPartsMax, packedFileMaxBytes, partCallsAtOnce } from '../../../shared/wire/limits.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tincan-parts-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Four files to a block: as many parts at once as a sender can make there be. */
const files = Array.from({ length: 4 * creditMaxBlocks }, (_, nth) => {
  return { kind: 'file', path: [`${nth}`], size: packedFileMaxBytes, mtimeMs: 0, executable: false } as const;
});

it('more parts than are kept open are written at once, and none is closed under its writer', async () => {
  expect(files.length).toBeGreaterThan(openPartsMax);
  const real = openRealDisk();
  let openNow = 0;
  const disk: Disk = {
    ...real,
    async open(...how) {
      const file = await real.open(...how);
      openNow += 1;
      const close = () => {
        openNow -= 1;
        return file.close();
      };
      return { ...file, close };
    },
  };
  const layout = layOut(files, 'all');
  const parts = openPartFiles(disk, folder, layout);
  const bytesOf = (block: number) => new Uint8Array(4 * packedFileMaxBytes).fill(block + 1);
  const blocks = Array.from({ length: layout.blocks }, (_, block) => block);
  await Promise.all(blocks.map((block) => parts.write(spansOf(layout, block), [bytesOf(block)])));
  expect(openNow).toBeLessThanOrEqual(openPartsMax);
  await parts.sync();
  await parts.close();
  expect(openNow).toBe(0);
  expect(readdirSync(folder)).toHaveLength(files.length);
  for (const block of blocks) expect(readFileSync(path.join(folder, `${4 * block + 3}.part`))[0]).toBe(block + 1);
});

it('keeps few threads of the host where its folder is on a share that hangs', async () => {
  const real = openRealDisk();
  const answering = Promise.withResolvers<void>();
  let [isHanging, asked] = [false, 0];
  const hang = async () => {
    if (!isHanging) return;
    asked += 1;
    await answering.promise;
  };
  const disk: Disk = {
    ...real,
    async open(...how) {
      await hang();
      const file = await real.open(...how);
      const syncData = () => hang().then(() => file.syncData());
      const close = () => hang().then(() => file.close());
      return { ...file, close, syncData };
    },
  };
  const layout = layOut(files, 'all');
  const parts = openPartFiles(disk, folder, layout);
  const blocks = Array.from({ length: layout.blocks }, (_, block) => block);
  const write = (block: number) => parts.write(spansOf(layout, block), [new Uint8Array(4 * packedFileMaxBytes)]);
  for (const block of blocks.slice(0, 16)) await write(block);
  isHanging = true;
  const waiting = [parts.sync(), ...blocks.slice(16).map(write)];
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(asked).toBeLessThanOrEqual(partCallsAtOnce);
  isHanging = false;
  answering.resolve();
  await Promise.all(waiting);
  await parts.close();
});
