// A file that was picked in the page, as a browser holds it: no bytes, only where they are. It can be read as long as the file
// has the time and the size that it had then.

import type { Computer } from './computer.ts';
import type { World } from './world.ts';

export class PickedFile extends File {
  readonly #read: (from: number, to: number) => Promise<ArrayBuffer>;

  /** Throws where there is no such file. */
  constructor(world: World, computer: Computer, full: string) {
    super([], full.slice(full.lastIndexOf('/') + 1));
    const { size, mtimeNs } = computer.files.find(full, true);
    const value = { size, lastModified: Number(mtimeNs / 1_000_000n) };
    for (const [name, each] of Object.entries(value)) Object.defineProperty(this, name, { value: each });
    this.#read = async (from, to) => {
      await world.wait(computer.calls.latencyMs());
      const { inode } = computer.files.place(full, true);
      if (inode?.kind !== 'file') throw new DOMException('it is gone', 'NotFoundError');
      const isSame = inode.mtimeNs === mtimeNs && inode.size === size && (inode.mode & 0o400) !== 0;
      if (!isSame) throw new DOMException('it changed since it was picked', 'NotReadableError');
      return Uint8Array.from(inode.bytes.subarray(from, to)).buffer;
    };
  }

  override slice(from = 0, to = this.size): Blob {
    return new PickedSlice(() => this.#read(from, to));
  }

  override arrayBuffer(): Promise<ArrayBuffer> {
    return this.#read(0, this.size);
  }
}

class PickedSlice extends Blob {
  readonly #read: () => Promise<ArrayBuffer>;

  constructor(read: () => Promise<ArrayBuffer>) {
    super([]);
    this.#read = read;
  }

  override arrayBuffer(): Promise<ArrayBuffer> {
    return this.#read();
  }
}
