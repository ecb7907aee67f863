// Blocks in files of the browser's own (OPFS), one for each transfer, by handles that only a Worker has. Files of earlier pages are
// removed when this one starts; the browser itself keeps those that are open elsewhere.

import { Fault } from '../../shared/model/fault.ts';
import { blockBytes } from '../../shared/wire/limits.ts';
import { type BlockStore, freeOfQuota, type StoredBlocks, storeFault } from './block-store.ts';

/** What lib.dom leaves out: it describes pages, not Workers. */
type SyncHandle = {
  read(buffer: Uint8Array, options: { at: number }): number;
  write(buffer: Uint8Array, options: { at: number }): number;
  close(): void;
};
type SyncFile = FileSystemFileHandle & { createSyncAccessHandle(): Promise<SyncHandle> };

const prefix = 'tincan-guest-';
/** A sealed block is a little longer than what is in it. */
const slotBytes = blockBytes + 64;

/** `run`: the name of this page among all. */
export async function openOpfsStore(run: string): Promise<BlockStore> {
  const folder = await navigator.storage.getDirectory();
  for await (const name of folder.keys()) {
    if (name.startsWith(prefix)) await folder.removeEntry(name).catch(() => undefined);
  }
  const trial = await openBlocks(folder, `${prefix}${run}-trial`);
  await trial.remove();
  return {
    kind: 'opfs',
    freeBytes: freeOfQuota,
    open: (transfer) => openBlocks(folder, `${prefix}${run}-${transfer}`),
  };
}

async function openBlocks(folder: FileSystemDirectoryHandle, name: string): Promise<StoredBlocks> {
  const handle = await openFile(folder, name);
  const lengths = new Map<number, number>();
  return {
    async write(block, bytes) {
      if (bytes.byteLength > slotBytes) throw new Fault('internal', 'longer than a block');
      try {
        const written = handle.write(bytes, { at: block * slotBytes });
        // A browser that is full may write less and not say why.
        if (written !== bytes.byteLength) throw new Fault('disk-full', 'the browser stores no more');
      } catch (error) {
        throw storeFault(error);
      }
      lengths.set(block, bytes.byteLength);
    },
    async read(block) {
      const length = lengths.get(block);
      if (length === undefined) throw new Fault('disk-error', 'this block is not held');
      const bytes = new Uint8Array(length);
      if (handle.read(bytes, { at: block * slotBytes }) !== length) {
        throw new Fault('disk-error', 'the browser lost a block');
      }
      return bytes;
    },
    async remove() {
      handle.close();
      await folder.removeEntry(name).catch(() => undefined);
    },
  };
}

async function openFile(folder: FileSystemDirectoryHandle, name: string): Promise<SyncHandle> {
  try {
    const file = (await folder.getFileHandle(name, { create: true })) as SyncFile;
    return await file.createSyncAccessHandle();
  } catch (error) {
    // A browser that is full creates no file.
    throw storeFault(error);
  }
}
