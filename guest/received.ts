// What has arrived and waits to be saved: single files, and all of it as a ZIP or into a folder. It is read block by block, so
// that its size does not matter.

import { Fault } from '../shared/model/fault.ts';
import { selectedIndexes } from '../shared/model/layout.ts';
import type { WirePath } from '../shared/model/wire-path.ts';
import { blockBytes } from '../shared/wire/limits.ts';
import type { Incoming } from './incoming.ts';
import { type ZipEntry, zipOf } from './save/zip.ts';
import { storeFault } from './store/block-store.ts';

type Bytes = Uint8Array<ArrayBuffer>;
export type ReceivedEntry = {
  readonly path: WirePath;
  readonly mtimeMs: number;
} & (
  | { readonly kind: 'folder' }
  | {
      readonly kind: 'file';
      readonly index: number;
      readonly size: number;
      readonly crc32: number;
      read(): AsyncGenerator<Bytes>;
    }
);

/** By their index, in the order of the offer. */
export type ReceivedEntries = ReadonlyMap<number, ReceivedEntry>;

/** Of a transfer that is whole, without what could not be read over there. */
export function receivedEntries(transfer: Incoming): ReceivedEntries {
  const { facts, layout, blocks, failed } = transfer;
  const checksums = transfer.checksums();
  const starts = new Map(layout.files.map(({ index, start }) => [index, start]));
  /** Many small files lie in one block. */
  let last: { readonly block: number; readonly bytes: Bytes } | undefined;

  async function* read(start: number, size: number): AsyncGenerator<Bytes> {
    for (let at = start; at < start + size; ) {
      const block = Math.floor(at / blockBytes);
      const { bytes } = last?.block === block ? last : { bytes: await blocks.read(block) };
      last = { block, bytes };
      const from = at - block * blockBytes;
      const piece = bytes.slice(from, Math.min(blockBytes, from + start + size - at));
      if (piece.byteLength === 0) throw new Fault('disk-error', 'a block is too short');
      at += piece.byteLength;
      yield piece;
    }
  }

  const entries = new Map<number, ReceivedEntry>();
  for (const index of selectedIndexes(facts.selection, facts.entries.length)) {
    const { path } = facts.planned[index]!;
    const entry = facts.entries[index]!;
    const { mtimeMs } = entry;
    if (entry.kind === 'folder') entries.set(index, { kind: 'folder', path, mtimeMs });
    else if (!failed.has(index)) {
      const { size } = entry;
      const crc32 = checksums.get(index) ?? 0;
      const readFile = () => read(starts.get(index) ?? 0, size);
      entries.set(index, { kind: 'file', path, mtimeMs, index, size, crc32, read: readFile });
    }
  }
  return entries;
}

/** A Blob that the browser keeps on its disk where it is large. */
export function fileBlob(entries: ReceivedEntries, wanted: number): Promise<Blob> {
  const entry = entries.get(wanted);
  if (entry?.kind !== 'file') throw new Fault('transfer-unknown', 'no such file');
  return blobOf(entry.read());
}

export function zipBlob(entries: ReceivedEntries): Promise<Blob> {
  return blobOf(zipOf([...entries.values()] satisfies readonly ZipEntry[]));
}

async function blobOf(pieces: AsyncGenerator<Bytes>): Promise<Blob> {
  let failure: unknown;
  const stream = new ReadableStream<Bytes>({
    async pull(controller) {
      try {
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        failure = error;
        throw error;
      }
    },
    async cancel() {
      await pieces.return(undefined);
    },
  });
  try {
    return await new Response(stream).blob();
  } catch (cause) {
    // The browser says that it failed to fetch, whatever it was. Where reading went well, it has no room for this copy: Chromium
    // gives copies a tenth of the disk (storage/browser/blob/blob_memory_controller.cc).
    throw failure === undefined ? new Fault('disk-full', 'no room for a copy', { cause }) : storeFault(failure);
  }
}
