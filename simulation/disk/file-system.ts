// The disk of one simulated computer: names, inodes, permissions, room. A change of names is durable once a folder that it
// touches is synced; a power cut keeps of the others a beginning, or any of them that do not need one that is lost.

import path from 'node:path';
import type { Chance } from '../chance.ts';
import { type Device, Inode } from './inode.ts';
import { isWindowsName } from './windows-names.ts';

/** One name in one folder. A rename is two of them, and happens as a whole or not at all. */
type NameChange = { readonly folder: Inode; readonly name: string; readonly to: Inode | undefined };
type Change = readonly NameChange[];
type Place = { readonly folder: Inode; readonly name: string; readonly inode: Inode | undefined };

export class DiskError extends Error {
  readonly code: string;

  constructor(code: string) {
    // A run makes thousands of them, and a stack costs more than the call.
    const before = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(`${code}: simulated`);
    Error.stackTraceLimit = before;
    this.code = code;
  }
}

export class FileSystem {
  readonly root: Inode;
  readonly device: Device;
  /** Folders that programs hold open, by number. */
  readonly held = new Map<number, Inode>();
  /** Disks that know no second name for a file. */
  hasLinks = true;
  /** Disks that take `A` and `a` for one name, as those of Windows and macOS do. */
  isCaseBlind = false;
  /** Names as Windows has them. What somebody has open is not replaced or moved, and a scanner opens each file that was written. */
  isWindows = false;
  /** How long it has it open. */
  scanMs: () => number = () => 0;
  /** Told of each name that appears, disappears or is replaced, by whoever does it. */
  onName: (folder: Inode, name: string) => void = () => undefined;
  readonly #nowNs: () => bigint;
  #all = new Set<Inode>();
  #changes: Change[] = [];
  #nextIno = 2n;
  #lastNs = 0n;
  #nextHeld = 100;

  constructor(nowMs: () => number, totalBytes: number) {
    // No two changes at the same time.
    this.#nowNs = () => {
      const now = BigInt(Math.round(nowMs() * 1e6));
      this.#lastNs = now > this.#lastNs ? now : this.#lastNs + 1n;
      return this.#lastNs;
    };
    this.device = { id: 1n, totalBytes, usedBytes: 0, isReadOnly: false };
    this.root = new Inode(1n, this.device, 'folder', 0o755);
    this.root.links = 1;
    this.#all.add(this.root);
  }

  get freeBytes(): number {
    return Math.max(0, this.device.totalBytes - this.device.usedBytes);
  }

  find(full: string, followLast: boolean): Inode {
    const { inode } = this.place(full, followLast);
    if (inode === undefined) throw new DiskError('ENOENT');
    return inode;
  }

  /** The last name may be free. */
  place(full: string, followLast: boolean, depth = 0): Place {
    if (depth > 8) throw new DiskError('ELOOP');
    const names = full.split('/').filter((name) => name !== '' && name !== '.');
    let folder = this.root;
    if (names[0] === 'proc' && names[1] === 'self' && names[2] === 'fd') {
      const held = this.held.get(Number(names[3]));
      if (held === undefined) throw new DiskError('ENOENT');
      folder = held;
      names.splice(0, 4);
    }
    let name = names.pop();
    if (name === undefined) return { folder, name: '.', inode: folder };
    for (const [at, step] of names.entries()) {
      const next = folder.entries.get(this.#ownName(folder, step));
      if (next === undefined) throw new DiskError('ENOENT');
      if (next.kind === 'link') {
        const rest = [...names.slice(at + 1), name].join('/');
        return this.place(`${this.#target(folder, next)}/${rest}`, followLast, depth + 1);
      }
      if (next.kind !== 'folder') throw new DiskError('ENOTDIR');
      folder = next;
    }
    if (Buffer.byteLength(name) > 255) throw new DiskError('ENAMETOOLONG');
    name = this.#ownName(folder, name);
    const inode = folder.entries.get(name);
    if (inode?.kind === 'link' && followLast) return this.place(this.#target(folder, inode), true, depth + 1);
    return { folder, name, inode };
  }

  /** As the folder has it. */
  #ownName(folder: Inode, name: string): string {
    if (!this.isCaseBlind || folder.entries.has(name)) return name;
    const wanted = name.toLowerCase();
    return [...folder.entries.keys()].find((each) => each.toLowerCase() === wanted) ?? name;
  }

  #target(folder: Inode, link: Inode): string {
    return link.target.startsWith('/') ? link.target : `${this.pathOf(folder)}/${link.target}`;
  }

  pathOf({ parent, name }: Inode): string {
    return parent === undefined ? '/' : path.posix.join(this.pathOf(parent), name);
  }

  /** From here on this folder is another disk, with the same room: no name in it leads to what is outside, and none outside to what is in it. */
  mount(full: string): void {
    const { device } = this;
    const other: Device = {
      id: device.id + 1n,
      get totalBytes() {
        return device.totalBytes;
      },
      get usedBytes() {
        return device.usedBytes;
      },
      set usedBytes(bytes) {
        device.usedBytes = bytes;
      },
      get isReadOnly() {
        return device.isReadOnly;
      },
    };
    const move = (inode: Inode): void => {
      inode.device = other;
      for (const each of inode.entries.values()) move(each);
    };
    move(this.find(full, false));
  }

  createFile(full: string, mode: number): Inode {
    const { folder, name, inode } = this.place(full, false);
    if (inode !== undefined) throw new DiskError('EEXIST');
    return this.#add(folder, name, 'file', mode);
  }

  makeFolder(full: string, mode: number): void {
    const { folder, name, inode } = this.place(full, false);
    if (inode !== undefined) throw new DiskError('EEXIST');
    this.#add(folder, name, 'folder', mode);
  }

  makeFolders(full: string, mode: number): void {
    const found = this.#tryPlace(full);
    if (found?.inode?.kind === 'folder') return;
    if (found?.inode !== undefined) throw new DiskError('EEXIST');
    if (found === undefined) this.makeFolders(path.dirname(full), mode);
    this.makeFolder(full, mode);
  }

  makeLink(full: string, target: string): void {
    const { folder, name } = this.place(full, false);
    this.#add(folder, name, 'link', 0o777).target = target;
  }

  link(file: string, to: string): void {
    const inode = this.find(file, false);
    const { folder, name, inode: taken } = this.place(to, false);
    if (inode.kind === 'folder') throw new DiskError('EPERM');
    if (inode.device !== folder.device) throw new DiskError('EXDEV');
    if (taken !== undefined) throw new DiskError('EEXIST');
    if (!this.hasLinks) throw new DiskError('EPERM');
    this.#requireWritable(folder);
    this.#change([{ folder, name, to: inode }]);
  }

  rename(from: string, to: string): void {
    const old = this.place(from, false);
    if (old.inode === undefined) throw new DiskError('ENOENT');
    const next = this.place(to, false);
    this.#requireWritable(old.folder);
    this.#requireWritable(next.folder);
    if (next.inode === old.inode) return;
    if (old.inode.device !== next.folder.device) throw new DiskError('EXDEV');
    if (this.isWindows) this.#requireMovable(old.inode, next.inode);
    if (next.inode?.kind === 'folder') {
      if (old.inode.kind !== 'folder') throw new DiskError('EISDIR');
      if (next.inode.entries.size > 0) throw new DiskError('ENOTEMPTY');
    } else if (next.inode !== undefined && old.inode.kind === 'folder') throw new DiskError('ENOTDIR');
    this.#change([
      { folder: old.folder, name: old.name, to: undefined },
      { folder: next.folder, name: next.name, to: old.inode },
    ]);
  }

  removeFile(full: string): void {
    const { folder, name, inode } = this.place(full, false);
    if (inode === undefined) throw new DiskError('ENOENT');
    if (inode.kind === 'folder') throw new DiskError('EISDIR');
    this.#requireWritable(folder);
    this.#requireNotScanned(inode);
    this.#change([{ folder, name, to: undefined }]);
  }

  removeEmptyFolder(full: string): void {
    const { folder, name, inode } = this.place(full, false);
    if (inode === undefined) throw new DiskError('ENOENT');
    if (inode.kind !== 'folder') throw new DiskError('ENOTDIR');
    if (inode.entries.size > 0) throw new DiskError('ENOTEMPTY');
    this.#requireWritable(folder);
    this.#change([{ folder, name, to: undefined }]);
  }

  write(inode: Inode, bytes: Uint8Array, at: number): void {
    if (inode.device.isReadOnly) throw new DiskError('EROFS');
    const growth = inode.growth(at, bytes.byteLength);
    if (growth > this.freeBytes) throw new DiskError('ENOSPC');
    inode.device.usedBytes += growth;
    inode.write(bytes, at);
    inode.mtimeNs = this.#nowNs();
    inode.ctimeNs = this.#nowNs();
  }

  truncate(inode: Inode, size: number): void {
    inode.device.usedBytes -= Math.max(0, inode.size - size);
    inode.truncate(size);
    inode.mtimeNs = this.#nowNs();
    inode.ctimeNs = this.#nowNs();
  }

  setTime(inode: Inode, mtimeMs: number): void {
    inode.mtimeNs = BigInt(Math.round(mtimeMs * 1e6));
    inode.ctimeNs = this.#nowNs();
  }

  setMode(inode: Inode, mode: number): void {
    inode.mode = mode;
    inode.ctimeNs = this.#nowNs();
  }

  opened(inode: Inode): void {
    inode.opens += 1;
  }

  closed(inode: Inode): void {
    inode.opens = Math.max(0, inode.opens - 1);
    if (this.isWindows && inode.opens === 0)
      inode.scannedUntilNs = this.#nowNs() + BigInt(Math.round(this.scanMs() * 1e6));
    this.#forgetUnused(inode);
  }

  hold(folder: Inode): number {
    const number = this.#nextHeld++;
    this.held.set(number, folder);
    return number;
  }

  syncFolder(folder: Inode): void {
    this.#makeDurable((change) => change.some((each) => each.folder === folder));
  }

  syncAll(): void {
    for (const inode of this.#all) inode.sync();
    this.#makeDurable(() => true);
  }

  /** What the disk of this folder holds, and no other. */
  syncDisk({ device }: Inode): void {
    for (const inode of this.#all) if (inode.device === device) inode.sync();
    this.#makeDurable((change) => change.some(({ folder }) => folder.device === device));
  }

  /** The power goes, and comes back. Answers in a word what was kept. */
  crash(chance: Chance): string {
    const how = chance.pick(['nothing', 'beginning', 'any', 'all'] as const);
    const keptShare = how === 'nothing' ? 0 : how === 'all' ? 1 : chance.next();
    const upTo = Math.floor(this.#changes.length * keptShare);
    const survivors = new Set(this.#changes.filter((_, at) => (how === 'any' ? chance.hits(keptShare) : at < upTo)));
    this.#makeDurable((change) => survivors.has(change));
    this.#changes = [];
    this.held.clear();
    const reached = new Set<Inode>();
    this.#restore(this.root, reached);
    this.#all = reached;
    this.device.usedBytes = 0;
    for (const inode of reached) {
      inode.crash(() => chance.hits(keptShare));
      this.device.usedBytes += inode.size;
    }
    return how;
  }

  /** A program died, and the system closed what it had open. */
  closeAll(): void {
    this.held.clear();
    for (const inode of [...this.#all]) {
      inode.opens = 0;
      this.#forgetUnused(inode);
    }
  }

  #restore(inode: Inode, reached: Set<Inode>): void {
    if (reached.has(inode)) {
      inode.links += 1;
      return;
    }
    reached.add(inode);
    inode.links = 1;
    inode.entries.clear();
    for (const [name, entry] of inode.durableEntries) {
      inode.entries.set(name, entry);
      entry.parent = inode;
      entry.name = name;
      this.#restore(entry, reached);
    }
  }

  #tryPlace(full: string): Place | undefined {
    try {
      return this.place(full, true);
    } catch {
      return undefined;
    }
  }

  #requireWritable(folder: Inode): void {
    if (folder.device.isReadOnly) throw new DiskError('EROFS');
    if ((folder.mode & 0o200) === 0) throw new DiskError('EACCES');
  }

  /** As `MoveFileEx` does it: no folder takes a place that is taken or has an open file in it, and no open file is replaced. */
  #requireMovable(inode: Inode, replaced: Inode | undefined): void {
    if (inode.kind === 'folder' && (replaced !== undefined || hasOpenFile(inode, (each) => this.#isOpen(each))))
      throw new DiskError('EPERM');
    if (replaced !== undefined && this.#isOpen(replaced)) throw new DiskError('EPERM');
    this.#requireNotScanned(inode);
  }

  #requireNotScanned(inode: Inode): void {
    if (this.isWindows && inode.scannedUntilNs > this.#nowNs()) throw new DiskError('EBUSY');
  }

  #isOpen(inode: Inode): boolean {
    return inode.opens > 0 || inode.scannedUntilNs > this.#nowNs();
  }

  #requireName(name: string): void {
    if (this.isWindows && !isWindowsName(name)) throw new DiskError('ENOENT');
  }

  #add(folder: Inode, name: string, kind: Inode['kind'], mode: number): Inode {
    this.#requireWritable(folder);
    this.#requireName(name);
    if (this.freeBytes <= 0) throw new DiskError('ENOSPC');
    const inode = new Inode(this.#nextIno++, folder.device, kind, mode);
    inode.mtimeNs = this.#nowNs();
    this.#all.add(inode);
    this.#change([{ folder, name, to: inode }]);
    return inode;
  }

  #change(change: Change): void {
    for (const { name, to } of change) if (to !== undefined) this.#requireName(name);
    this.#changes.push(change);
    const gone: Inode[] = [];
    for (const { folder, name, to } of change) {
      const before = folder.entries.get(name);
      if (to === undefined) folder.entries.delete(name);
      else {
        folder.entries.set(name, to);
        to.parent = folder;
        to.name = name;
      }
      for (const [inode, more] of [
        [before, -1],
        [to, 1],
      ] as const) {
        if (inode === undefined) continue;
        inode.links += more;
        inode.ctimeNs = this.#nowNs();
        if (before === inode) gone.push(inode);
      }
      folder.mtimeNs = this.#nowNs();
    }
    for (const inode of gone) this.#forgetUnused(inode);
    for (const { folder, name } of change) this.onName(folder, name);
  }

  /** Still there for a crash that forgets its removal. */
  #forgetUnused(inode: Inode): void {
    if (inode.links > 0 || inode.opens > 0 || inode === this.root) return;
    if (this.#all.delete(inode)) inode.device.usedBytes -= inode.size;
  }

  /** What is chosen, and the earlier changes of the same names, without which it could not be. */
  #makeDurable(isChosen: (change: Change) => boolean): void {
    const needed = new Set<string>();
    const done = new Set<Change>();
    const slot = ({ folder, name }: NameChange) => `${folder.ino}/${name}`;
    for (const change of [...this.#changes].reverse()) {
      if (!isChosen(change) && !change.some((each) => needed.has(slot(each)))) continue;
      done.add(change);
      for (const each of change) needed.add(slot(each));
    }
    for (const change of this.#changes) {
      if (!done.has(change)) continue;
      for (const { folder, name, to } of change) {
        if (to === undefined) folder.durableEntries.delete(name);
        else folder.durableEntries.set(name, to);
      }
    }
    this.#changes = this.#changes.filter((change) => !done.has(change));
  }
}

function hasOpenFile(folder: Inode, isOpen: (file: Inode) => boolean): boolean {
  return [...folder.entries.values()].some(
    (each) => isOpen(each) || (each.kind === 'folder' && hasOpenFile(each, isOpen)),
  );
}
