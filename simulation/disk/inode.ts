// What a name leads to. Files and folders each exist twice: as programs see them now, and as the disk would have them after
// a power cut. Only a sync carries one over into the other.

export type Kind = 'file' | 'folder' | 'link';
export type Device = { readonly id: bigint; totalBytes: number; usedBytes: number; isReadOnly: boolean };
type Write = { readonly at: number; readonly bytes: Uint8Array };

/** The piece of a file that a disk writes whole or not at all. */
const sectorBytes = 512;

export class Inode {
  readonly ino: bigint;
  device: Device;
  readonly kind: Kind;
  mode: number;
  links = 0;
  opens = 0;
  scannedUntilNs = 0n;
  mtimeNs = 0n;
  ctimeNs = 0n;
  /** Of a link. */
  target = '';
  /** Of a folder: where it is now. */
  parent: Inode | undefined;
  name = '';
  size = 0;
  readonly entries = new Map<string, Inode>();
  readonly durableEntries = new Map<string, Inode>();
  durable: Uint8Array = new Uint8Array(0);
  #bytes: Uint8Array = new Uint8Array(0);
  #unsynced: Write[] = [];

  constructor(ino: bigint, device: Device, kind: Kind, mode: number) {
    this.ino = ino;
    this.device = device;
    this.kind = kind;
    this.mode = mode;
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.size);
  }

  /** How many bytes longer it is afterwards. */
  growth(at: number, length: number): number {
    return Math.max(0, at + length - this.size);
  }

  write(bytes: Uint8Array, at: number): void {
    const end = at + bytes.byteLength;
    if (end > this.#bytes.byteLength) {
      const larger = new Uint8Array(Math.max(end, this.#bytes.byteLength * 2));
      larger.set(this.bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, at);
    this.size = Math.max(this.size, end);
    this.#unsynced.push({ at, bytes: bytes.slice() });
  }

  truncate(size: number): void {
    this.#bytes = this.#bytes.slice(0, size);
    this.size = Math.min(this.size, size);
    this.#unsynced = [];
    this.durable = this.bytes.slice();
  }

  isSynced(): boolean {
    return this.#unsynced.length === 0;
  }

  sync(): void {
    for (const write of this.#unsynced) this.#carryOut(write);
    this.#unsynced = [];
  }

  /** After a sync that failed the system calls these bytes clean, and they never reach the disk. */
  syncFails(): void {
    this.#unsynced = [];
  }

  /** Which writes had reached the disk by themselves, in pieces and in any order. */
  crash(isKept: () => boolean): void {
    for (const { at, bytes } of this.#unsynced) {
      for (let from = 0; from < bytes.byteLength; ) {
        const to = Math.min(bytes.byteLength, (Math.floor((at + from) / sectorBytes) + 1) * sectorBytes - at);
        if (isKept()) this.#carryOut({ at: at + from, bytes: bytes.subarray(from, to) });
        from = to;
      }
    }
    this.#unsynced = [];
    this.#bytes = this.durable.slice();
    this.size = this.durable.byteLength;
    this.opens = 0;
  }

  /** Something that no program did: the medium changed it. */
  damage(at: number, mask: number): void {
    if (at < this.size) this.#bytes[at]! ^= mask;
    if (at < this.durable.byteLength) this.durable[at]! ^= mask;
  }

  #carryOut({ at, bytes }: Write): void {
    const end = at + bytes.byteLength;
    if (end > this.durable.byteLength) {
      const longer = new Uint8Array(end);
      longer.set(this.durable);
      this.durable = longer;
    }
    this.durable.set(bytes, at);
  }
}
