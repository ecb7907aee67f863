// ZIPs that a guest page writes, read by somebody else's program where there is one, and by a reader that shares no code.

import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { crc32 as knownCrc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { crc32, joinedCrc32 } from '../../../guest/save/crc32.ts';
import { type ZipEntry, zipOf } from '../../../guest/save/zip.ts';
import { readZip, readZipInOrder } from '../../guest/read-zip.ts';

const mtimeMs = Date.UTC(2024, 1, 29, 12, 30, 40);

function file(name: string[], ...pieces: string[]): ZipEntry {
  const bytes = pieces.map((piece) => new TextEncoder().encode(piece));
  const size = bytes.reduce((sum, { byteLength }) => sum + byteLength, 0);
  async function* read() {
    yield* bytes;
  }
  return { kind: 'file', path: name, mtimeMs, size, crc32: knownCrc32(Buffer.concat(bytes)), read };
}
const folder = (...name: string[]): ZipEntry => ({ kind: 'folder', path: name, mtimeMs });

async function written(entries: Iterable<ZipEntry>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of zipOf(entries)) pieces.push(piece);
  return Buffer.concat(pieces);
}

const unzip = spawnSync('unzip', ['-v'], { stdio: 'ignore' }).status === 0;

describe('a ZIP', () => {
  const entries = [
    folder('top', 'empty'),
    file(['top', 'größe 文件.txt'], 'in ', 'two pieces'),
    file(['top', 'nothing']),
  ];

  it('holds every file under its whole name, with its time, and folders that are empty', async () => {
    const found = readZip(await written(entries));
    expect(found.map(({ name, bytes }) => [name, Buffer.from(bytes).toString()])).toEqual([
      ['top/empty/', ''],
      ['top/größe 文件.txt', 'in two pieces'],
      ['top/nothing', ''],
    ]);
    expect(found.map(({ mtimeS }) => mtimeS)).toEqual(found.map(() => mtimeMs / 1000));
  });

  it('is read in order as by its directory, whatever stands in a file', async () => {
    // What would be the end of this file, and another one after it, to whoever had to look for the end.
    const inner = (await written([file(['..', 'evil.txt'], 'evil')])).toString('latin1');
    const zip = await written([...entries, file(['top', 'a.bin'], `PK\x07\x08${'\0'.repeat(12)}${inner}`)]);
    expect(readZipInOrder(zip)).toEqual(readZip(zip).map(({ name, bytes }) => ({ name, bytes })));
  });

  it('holds more entries than the old format can count, and is one to unzip', { timeout: 60_000 }, async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'tincan-zip-'));
    try {
      const many = [...entries, ...Array.from({ length: 65_600 }, (_, at) => folder(`f${at}`))];
      for (const [name, list] of Object.entries({ small: entries, many })) {
        const zip = await written(list);
        expect(readZip(zip)).toHaveLength(list.length);
        if (!unzip) continue;
        const target = path.join(directory, `${name}.zip`);
        writeFileSync(target, zip);
        const { status, stdout, stderr } = spawnSync('unzip', ['-tqq', target], { encoding: 'utf8' });
        expect({ status, stderr, stdout }).toEqual({ status: 0, stderr: '', stdout: '' });
      }
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

it('computes the checksum of ZIP, and that of pieces one after the other', () => {
  const bytes = randomBytes(100_003);
  expect(crc32(bytes)).toBe(knownCrc32(bytes));
  for (const cut of [0, 1, 2, 3, 4, 4097, 65_536, bytes.length]) {
    const [first, second] = [bytes.subarray(0, cut), bytes.subarray(cut)];
    expect(joinedCrc32(crc32(first), crc32(second), second.length)).toBe(knownCrc32(bytes));
  }
});
