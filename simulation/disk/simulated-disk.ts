// The host's port to the disk, for one program on one simulated computer. A call takes some time, happens at its beginning
// or at its end, and is never answered once the program is dead.

import type { BlockingDisk, Disk, DiskFile, DiskPath, DiskThreads, DiskWork, OpenAs } from '../../host/disk/disk.ts';
import { type Call, died, failedSyncs } from './disk-calls.ts';
import { type DiskUser, factsOf } from './disk-user.ts';
import { DiskError, type FileSystem } from './file-system.ts';
import type { Inode } from './inode.ts';
import { threadFsOver } from './thread-fs.ts';

/** As `statfs` names them. */
const ext4 = 0xef53;
const ntfs = 0x5346_544e;

export function openSimulatedDisk(user: DiskUser): Disk {
  const { world, files, calls, isAlive, locks } = user;

  async function ask<T>(name: string, path: DiskPath, work: () => T, failed?: () => void): Promise<T> {
    const call: Call = { name, path: String(path) };
    if (failed !== undefined) failedSyncs.set(call, failed);
    if (!isAlive()) return never();
    const isEarly = world.chance.hits(0.5);
    const early = isEarly ? attempt(call) : undefined;
    await world.wait(calls.latencyMs());
    if (!isAlive()) return never();
    const outcome = early ?? attempt(call);
    if (outcome.is === 'died') return never();
    if (outcome.is === 'error') throw outcome.error;
    return outcome.value;

    function attempt(asked: Call): Outcome<T> {
      try {
        const value = calls.run(asked, isAlive, work);
        return value === died ? { is: 'died' } : { is: 'value', value };
      } catch (error) {
        return { is: 'error', error };
      }
    }
  }

  function openInode(full: string, as: OpenAs, mode: number): Inode {
    if (as === 'create') return files.createFile(full, mode);
    const { inode } = files.place(full, false);
    if (inode === undefined && as === 'append') return files.createFile(full, mode);
    if (inode === undefined) throw new DiskError('ENOENT');
    if (inode.kind === 'link') throw new DiskError('ELOOP');
    if (inode.kind === 'folder' && as !== 'read') throw new DiskError('EISDIR');
    if ((inode.mode & (as === 'read' ? 0o400 : 0o200)) === 0) throw new DiskError('EACCES');
    return inode;
  }

  function openFile(inode: Inode, full: string): DiskFile {
    files.opened(inode);
    let isOpen = true;
    const requireOpen = () => {
      if (!isOpen) throw new DiskError('EBADF');
    };
    const write = (parts: readonly Uint8Array[], position: number): number => {
      requireOpen();
      const bytes = Buffer.concat(parts);
      // The system may take less than it was given.
      const taken =
        bytes.byteLength > 1 && world.chance.hits(0.05) ? world.chance.whole(1, bytes.byteLength) : bytes.byteLength;
      files.write(inode, bytes.subarray(0, taken), position);
      return taken;
    };
    const sync = () => {
      requireOpen();
      inode.sync();
    };
    return {
      read: (into, position) =>
        ask('read', full, () => {
          requireOpen();
          if (inode.kind === 'folder') throw new DiskError('EISDIR');
          const there = inode.bytes.subarray(position, position + into.byteLength);
          into.set(there);
          return there.byteLength;
        }),
      async write(bytes, position) {
        for (let done = 0; done < bytes.byteLength; ) {
          done += await ask('write', full, () => write([bytes.subarray(done)], position + done));
        }
      },
      writeParts: (parts, position) => ask('writeParts', full, () => write(parts, position)),
      append: (text) =>
        ask('append', full, () => {
          requireOpen();
          files.write(inode, Buffer.from(text), inode.size);
        }),
      facts: () =>
        ask('facts', full, () => {
          requireOpen();
          return factsOf(inode);
        }),
      setTime: (mtimeMs) =>
        ask('setTime', full, () => {
          requireOpen();
          files.setTime(inode, mtimeMs);
        }),
      sync: () => ask('sync', full, sync, () => inode.syncFails()),
      syncData: () => ask('syncData', full, sync, () => inode.syncFails()),
      async close() {
        if (!isOpen) throw new DiskError('EBADF');
        isOpen = false;
        await ask('close', full, () => files.closed(inode));
      },
    };
  }

  function removeAll(full: string): void {
    const inode = findOrNone(files, full);
    if (inode === undefined) return;
    if (inode.kind !== 'folder') {
      files.removeFile(full);
      return;
    }
    for (const name of [...inode.entries.keys()]) removeAll(`${full}/${name}`);
    files.removeEmptyFolder(full);
  }

  return {
    open: async (file, as, mode = 0o600) => {
      const full = String(file);
      return openFile(await ask('open', full, () => openInode(full, as, mode)), full);
    },
    async openFolder(folder) {
      const { number, facts } = await ask('openFolder', folder, () => {
        const { inode } = files.place(String(folder), false);
        if (inode === undefined) throw new DiskError('ENOENT');
        if (inode.kind === 'link') throw new DiskError('ELOOP');
        if (inode.kind !== 'folder') throw new DiskError('ENOTDIR');
        return { number: files.isWindows ? undefined : files.hold(inode), facts: factsOf(inode) };
      });
      // Windows has no such way into a folder.
      if (number === undefined) return { path: folder, facts, close: async () => undefined };
      return {
        path: `/proc/self/fd/${number}`,
        facts,
        close: () => ask('close', folder, () => void files.held.delete(number)),
      };
    },
    facts: (path) => ask('facts', path, () => factsOf(files.find(String(path), false))),
    factsBehindLinks: (path) => ask('factsBehindLinks', path, () => factsOf(files.find(String(path), true))),
    readText: (file) => ask('readText', file, () => Buffer.from(fileAt(files, file).bytes).toString('utf8')),
    list: (folder) =>
      ask('list', folder, () => {
        const inode = files.find(String(folder), true);
        if (inode.kind !== 'folder') throw new DiskError('ENOTDIR');
        return [...inode.entries.keys()].map((name) => Buffer.from(name));
      }),
    makeFolder: (folder, mode = 0o777) => ask('makeFolder', folder, () => files.makeFolder(folder, mode)),
    makeFolders: (folder, mode = 0o777) => ask('makeFolders', folder, () => files.makeFolders(folder, mode)),
    rename: (from, to) => ask('rename', `${from} ${to}`, () => files.rename(from, to)),
    replacesEmptyFolders: !files.isWindows,
    link: (file, name) => ask('link', `${file} ${name}`, () => files.link(file, name)),
    removeFile: (file) => ask('removeFile', file, () => files.removeFile(file)),
    removeEmptyFolder: (folder) => ask('removeEmptyFolder', folder, () => files.removeEmptyFolder(folder)),
    removeAll: (path) => ask('removeAll', path, () => removeAll(path)),
    setTime: (path, mtimeMs) => ask('setTime', path, () => files.setTime(files.find(path, true), mtimeMs)),
    realPath: (path) => ask('realPath', path, () => files.pathOf(files.find(path, true))),
    requireWritable: (folder) =>
      ask('requireWritable', folder, () => {
        const inode = files.find(folder, true);
        if (inode.device.isReadOnly) throw new DiskError('EROFS');
        if ((inode.mode & 0o200) === 0) throw new DiskError('EACCES');
      }),
    room: (folder) =>
      ask('room', folder, () => {
        files.find(folder, true);
        return { type: files.isWindows ? ntfs : ext4, freeBytes: files.freeBytes, totalBytes: files.device.totalBytes };
      }),
    syncFolder: (folder) => ask('syncFolder', folder, () => files.syncFolder(files.find(folder, true))),
    syncWholeDisk: (folder) =>
      ask('syncWholeDisk', folder, () => {
        files.syncDisk(files.find(folder, true));
        return true;
      }),
    lock(file) {
      if (locks.get(file)?.() === true) return undefined;
      locks.set(file, isAlive);
      return { close: () => void locks.delete(file) };
    },
    blocking: blockingDisk(files, isAlive),
    threads<Batch, Answer>(work: DiskWork<Batch, Answer>): DiskThreads<Batch, Answer> {
      let isClosed = false;
      let turn: Promise<unknown> = Promise.resolve();
      return {
        start: () => undefined,
        do(batch) {
          if (isClosed) return Promise.reject(new Error('the threads for the disk have ended'));
          const answer = turn.then(async () => {
            await world.wait(calls.latencyMs());
            if (!isAlive()) return never<Answer>();
            try {
              const done = work(threadFsOver(user), structuredClone(batch));
              return isAlive() ? done : never<Answer>();
            } catch (error) {
              if (!isAlive()) return never<Answer>();
              throw error;
            }
          });
          turn = answer.catch(() => undefined);
          return answer;
        },
        async close() {
          isClosed = true;
          await turn;
        },
      };
    },
  };
}

type Outcome<T> =
  | { readonly is: 'value'; readonly value: T }
  | { readonly is: 'error'; readonly error: unknown }
  | { readonly is: 'died' };

function never<T>(): Promise<T> {
  return new Promise(() => undefined);
}

function fileAt(files: FileSystem, full: string): Inode {
  const inode = files.find(full, true);
  if (inode.kind === 'folder') throw new DiskError('EISDIR');
  return inode;
}

function findOrNone(files: FileSystem, full: string): Inode | undefined {
  try {
    return files.place(full, false).inode;
  } catch (error) {
    if (error instanceof DiskError && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function blockingDisk(files: FileSystem, isAlive: () => boolean): BlockingDisk {
  const refuseDead = () => {
    if (!isAlive()) throw new DiskError('EIO');
  };
  return {
    makeFolders(folder, mode = 0o777) {
      refuseDead();
      files.makeFolders(folder, mode);
    },
    openPrivateAppend(full) {
      refuseDead();
      const inode = files.place(full, false).inode ?? files.createFile(full, 0o600);
      files.opened(inode);
      return {
        bytes: inode.size,
        append(text) {
          refuseDead();
          files.write(inode, Buffer.from(text), inode.size);
          return Buffer.byteLength(text);
        },
        close: () => files.closed(inode),
      };
    },
    rename(from, to) {
      refuseDead();
      files.rename(from, to);
    },
    removeFile(file) {
      refuseDead();
      if (findOrNone(files, file) !== undefined) files.removeFile(file);
    },
  };
}
