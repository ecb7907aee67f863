// What work in the host's disk threads uses of Node's file system, over a simulated disk. Such work runs in place: its
// calls follow one another, and a power cut between two of them ends it.

import { constants } from 'node:fs';
import type { ThreadFs } from '../../host/disk/disk.ts';
import { died } from './disk-calls.ts';
import { type DiskUser, factsOf } from './disk-user.ts';
import { DiskError } from './file-system.ts';
import type { Inode } from './inode.ts';

export function threadFsOver({ files, calls, isAlive, world }: DiskUser): ThreadFs {
  const open = new Map<number, { readonly inode: Inode; readonly full: string }>();
  let nextNumber = 10;

  function run<T>(name: string, path: string, work: () => T): T {
    if (!isAlive()) throw new DiskError('EIO');
    const answer = calls.run({ name, path }, isAlive, work);
    if (answer === died) throw new DiskError('EIO');
    return answer;
  }

  function opened(fd: number): { readonly inode: Inode; readonly full: string } {
    const found = open.get(fd);
    if (found === undefined) throw new DiskError('EBADF');
    return found;
  }

  function statsOf(inode: Inode) {
    const facts = factsOf(inode);
    return {
      ...{ size: BigInt(facts.size), mtimeNs: facts.mtimeNs, ctimeNs: facts.ctimeNs, ino: facts.ino, dev: facts.dev },
      isFile: () => facts.kind === 'file',
      isDirectory: () => facts.kind === 'folder',
      isSymbolicLink: () => facts.kind === 'link',
    };
  }

  const fs = {
    constants,
    openSync(path: string, flags: number | string, mode = 0o666): number {
      return run('openSync', path, () => {
        const isNew = typeof flags === 'number' && (flags & constants.O_EXCL) !== 0;
        const inode = isNew ? files.createFile(path, mode) : files.find(path, false);
        if (inode.kind === 'link') throw new DiskError('ELOOP');
        if ((inode.mode & 0o400) === 0) throw new DiskError('EACCES');
        files.opened(inode);
        open.set(nextNumber, { inode, full: path });
        return nextNumber++;
      });
    },
    closeSync(fd: number): void {
      const { inode } = opened(fd);
      open.delete(fd);
      if (isAlive()) files.closed(inode);
    },
    readSync(fd: number, into: Uint8Array, offset: number, length: number, position: number): number {
      const { inode, full } = opened(fd);
      return run('readSync', full, () => {
        const there = inode.bytes.subarray(position, position + length);
        into.set(there, offset);
        return there.byteLength;
      });
    },
    writeSync(fd: number, bytes: Uint8Array, offset: number, length: number, position: number): number {
      const { inode, full } = opened(fd);
      return run('writeSync', full, () => {
        const taken = length > 1 && world.chance.hits(0.05) ? world.chance.whole(1, length) : length;
        files.write(inode, bytes.subarray(offset, offset + taken), position);
        return taken;
      });
    },
    fstatSync(fd: number) {
      const { inode, full } = opened(fd);
      return run('fstatSync', full, () => statsOf(inode));
    },
    lstatSync: (path: string) => run('lstatSync', path, () => statsOf(files.find(path, false))),
    fchmodSync(fd: number, mode: number): void {
      const { inode, full } = opened(fd);
      run('fchmodSync', full, () => files.setMode(inode, mode));
    },
    futimesSync(fd: number, _: number, mtime: number): void {
      const { inode, full } = opened(fd);
      run('futimesSync', full, () => files.setTime(inode, mtime * 1000));
    },
    mkdirSync: (path: string, mode = 0o777) => run('mkdirSync', path, () => files.makeFolder(path, Number(mode))),
    renameSync: (from: string, to: string) => run('renameSync', `${from} ${to}`, () => files.rename(from, to)),
    unlinkSync: (path: string) => run('unlinkSync', path, () => files.removeFile(path)),
    writeFileSync(path: string): void {
      throw new Error(`no streams on this disk: ${path}`);
    },
  };
  return fs as unknown as ThreadFs;
}
