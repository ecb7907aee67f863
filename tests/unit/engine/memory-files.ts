// Files as the disks in memory hold them, and what both kinds of disk tell of them: their list, their blocks, their hashes.

import { createHash } from 'node:crypto';
import type { FaultCode } from '../../../shared/model/fault.ts';
import { blockLength, type Layout, spansOf, totalsOf } from '../../../shared/model/layout.ts';
import type { ManifestEntry } from '../../../shared/model/manifest.ts';

export type MemoryFile = { readonly path: readonly string[]; readonly bytes: Uint8Array | 'missing' };
export type FaultAt = { readonly index: number; readonly code: FaultCode };

/** `missingBytes`: what the list says of a file that is gone by now. */
export function entriesOf(files: readonly MemoryFile[], missingBytes = 3_000): ManifestEntry[] {
  return files.map(({ path, bytes }) => ({
    kind: 'file',
    path,
    size: bytes === 'missing' ? missingBytes : bytes.length,
    mtimeMs: 0,
    executable: false,
  }));
}

export function digestOf({ bytes }: MemoryFile): string | null {
  return bytes === 'missing' ? null : createHash('sha256').update(bytes).digest('hex');
}

export function readBlock(files: readonly MemoryFile[], layout: Layout, block: number, told: Set<number>) {
  const bytes = new Uint8Array(blockLength(layout, block));
  const faults: FaultAt[] = [];
  const spans = spansOf(layout, block);
  for (const { index, fileOffset, blockOffset, length } of spans) {
    const content = files[index]!.bytes;
    if (content !== 'missing') bytes.set(content.subarray(fileOffset, fileOffset + length), blockOffset);
    else if (!told.has(index)) faults.push({ index, code: 'source-missing' });
    if (content === 'missing') told.add(index);
  }
  const hash = new Uint8Array(createHash('sha256').update(bytes).digest());
  return { bytes, hash, faults, isWhole: spans.every(({ index }) => files[index]!.bytes !== 'missing') };
}

export function planOf(entries: readonly ManifestEntry[]) {
  return {
    title: 'files',
    totals: totalsOf(entries, 'all'),
    destination: { id: 'd', label: 'd', freeBytes: 1e12 },
    fits: true,
    neededBytes: 0,
    renamed: 0,
    existing: 0,
    flagged: 0,
    refused: [],
    manifestDigest: '',
  };
}
