// The work of the threads that read small files, many for one block. It travels there as text, so it sees nothing that
// stands outside of it.

import type { ThreadFs } from '../disk/disk.ts';
import type { Snapshot } from './walk.ts';

export type SmallReads = {
  readonly blockBytes: number;
  readonly files: readonly { readonly snapshot: Snapshot; readonly blockOffset: number }[];
};

export type SmallRead = {
  /** The block, filled where the files belong that could be read. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Which could not, and why: an errno, or what is not as it was. */
  readonly troubles: readonly (readonly [at: number, why: string])[];
};

export function readSmallFiles(fs: ThreadFs, { blockBytes, files }: SmallReads): SmallRead {
  const { O_RDONLY, O_NONBLOCK = 0, O_NOFOLLOW = 0 } = fs.constants;
  const bytes = new Uint8Array(blockBytes);
  const troubles: [number, string][] = [];

  function refuse(why: string): never {
    throw Object.assign(new Error(why), { code: why });
  }

  function refuseChanged(handle: number, { size, mtimeNs, ino, ctimeNs }: Snapshot): void {
    const stats = fs.fstatSync(handle, { bigint: true });
    if (!stats.isFile()) refuse('source-not-a-file');
    if (Number(stats.size) !== size || String(stats.mtimeNs) !== mtimeNs) refuse('source-changed');
    if (ino !== undefined && String(stats.ino) !== ino) refuse('source-changed');
    if (ctimeNs !== undefined && String(stats.ctimeNs) !== ctimeNs) refuse('source-changed');
  }

  function read(snapshot: Snapshot, blockOffset: number): void {
    const handle = fs.openSync(snapshot.full, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
    try {
      refuseChanged(handle, snapshot);
      for (let done = 0; done < snapshot.size; ) {
        const count = fs.readSync(handle, bytes, blockOffset + done, snapshot.size - done, done);
        if (count === 0) refuse('source-changed');
        done += count;
      }
      refuseChanged(handle, snapshot);
    } finally {
      fs.closeSync(handle);
    }
  }

  for (const [at, { snapshot, blockOffset }] of files.entries()) {
    try {
      read(snapshot, blockOffset);
    } catch (error) {
      bytes.fill(0, blockOffset, blockOffset + snapshot.size);
      troubles.push([at, (error as NodeJS.ErrnoException).code ?? 'EIO']);
    }
  }
  return { bytes, troubles };
}
