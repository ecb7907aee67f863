// Reads a ZIP of stored entries by its directory, written from the format's document and not from ours.

import { strict as assert } from 'node:assert';
import { crc32 } from 'node:zlib';

export type ZipContent = { readonly name: string; readonly bytes: Uint8Array; readonly mtimeS: number | undefined };

export function readZip(zip: Buffer): ZipContent[] {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06'));
  assert(end >= 0, 'no end of a directory');
  let count = zip.readUInt16LE(end + 10);
  let at = zip.readUInt32LE(end + 16);
  const locator = end - 20;
  if (locator >= 0 && zip.readUInt32LE(locator) === 0x0706_4b50) {
    const wide = Number(zip.readBigUInt64LE(locator + 8));
    assert.equal(zip.readUInt32LE(wide), 0x0606_4b50);
    count = Number(zip.readBigUInt64LE(wide + 32));
    at = Number(zip.readBigUInt64LE(wide + 48));
  }
  const entries: ZipContent[] = [];
  for (let entry = 0; entry < count; entry += 1) {
    assert.equal(zip.readUInt32LE(at), 0x0201_4b50);
    assert.equal(zip.readUInt16LE(at + 10), 0, 'compressed');
    const crc = zip.readUInt32LE(at + 16);
    const size = zip.readUInt32LE(at + 24);
    const [nameLength, extraLength] = [zip.readUInt16LE(at + 28), zip.readUInt16LE(at + 30)];
    const name = zip.toString('utf8', at + 46, at + 46 + nameLength);
    const extra = zip.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength);
    const head = zip.readUInt32LE(at + 42);
    assert.equal(zip.readUInt32LE(head), 0x0403_4b50);
    const body = head + 30 + zip.readUInt16LE(head + 26) + zip.readUInt16LE(head + 28);
    const bytes = zip.subarray(body, body + size);
    assert.equal(crc32(bytes), crc, `the checksum of ${name}`);
    entries.push({ name, bytes, mtimeS: timeIn(extra) });
    at += 46 + nameLength + extraLength;
  }
  assert.equal(at <= end, true);
  return entries;
}

/** As a program that reads it while it arrives, which sees the directory last. */
export function readZipInOrder(zip: Buffer): Pick<ZipContent, 'name' | 'bytes'>[] {
  const entries: Pick<ZipContent, 'name' | 'bytes'>[] = [];
  for (let at = 0; zip.readUInt32LE(at) === 0x0403_4b50; ) {
    // Bit 3: sizes and checksum would follow the data.
    assert.equal(zip.readUInt16LE(at + 6) & 8, 0, 'the end of the data has to be looked for');
    const size = zip.readUInt32LE(at + 18);
    assert.equal(zip.readUInt32LE(at + 22), size);
    const nameEnd = at + 30 + zip.readUInt16LE(at + 26);
    const body = nameEnd + zip.readUInt16LE(at + 28);
    const name = zip.toString('utf8', at + 30, nameEnd);
    const bytes = zip.subarray(body, body + size);
    assert.equal(crc32(bytes), zip.readUInt32LE(at + 14), `the checksum of ${name}`);
    entries.push({ name, bytes });
    at = body + size;
  }
  return entries;
}

function timeIn(extra: Buffer): number | undefined {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) === 0x5455) return extra.readInt32LE(at + 5);
  }
  return undefined;
}
