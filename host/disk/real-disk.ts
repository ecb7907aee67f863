// The disk of this computer, over Node's file system. Electron passes its `original-fs`: the patched one takes every
// `*.asar` file for a folder.

import { execFile } from 'node:child_process';
import * as nodeFs from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { type Disk, type DiskFile, type FileFacts, factsOf, type OpenAs } from './disk.ts';
import { openDiskThreads } from './disk-threads.ts';
import { lockFile } from './file-lock.ts';

export type NodeFs = typeof nodeFs;

export function openRealDisk(fs: NodeFs = nodeFs): Disk {
  const { promises, constants } = fs;
  // Windows knows neither of the two.
  const {
    O_RDONLY,
    O_RDWR,
    O_WRONLY,
    O_CREAT,
    O_EXCL,
    O_APPEND,
    O_DIRECTORY,
    O_NOFOLLOW = 0,
    O_NONBLOCK = 0,
  } = constants;
  const flags: Readonly<Record<OpenAs, number>> = {
    read: O_RDONLY | O_NONBLOCK | O_NOFOLLOW,
    update: O_RDWR | O_NOFOLLOW,
    create: O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW,
    append: O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW,
  };
  const ignoreMissing = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'ENOENT') throw error;
  };

  return {
    open: async (file, as, mode = 0o600) => openFile(await promises.open(file, flags[as], mode)),
    async openFolder(folder) {
      if (process.platform === 'win32') {
        const facts = factsOf(await promises.lstat(folder, { bigint: true }));
        if (facts.kind !== 'folder') throw Object.assign(new Error('not a folder'), { code: 'ENOTDIR' });
        return { path: folder, facts, close: async () => undefined };
      }
      const handle = await promises.open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
      try {
        const facts = factsOf(await handle.stat({ bigint: true }));
        const held = `/proc/self/fd/${handle.fd}`;
        const isReached = await promises.stat(held, { bigint: true }).then(
          ({ dev, ino }) => dev === facts.dev && ino === facts.ino,
          () => false,
        );
        return { path: isReached ? held : folder, facts, close: () => handle.close() };
      } catch (error) {
        await handle.close();
        throw error;
      }
    },
    facts: async (path) => factsOf(await promises.lstat(path, { bigint: true })),
    factsBehindLinks: async (path) => factsOf(await promises.stat(path, { bigint: true })),
    readText: (file) => promises.readFile(file, 'utf8'),
    list: (folder) => promises.readdir(folder, { encoding: 'buffer' }),
    makeFolder: (folder, mode = 0o777) => promises.mkdir(folder, { mode }),
    async makeFolders(folder, mode = 0o777) {
      await promises.mkdir(folder, { recursive: true, mode });
    },
    rename: (from, to) => promises.rename(from, to),
    replacesEmptyFolders: process.platform !== 'win32',
    link: (file, name) => promises.link(file, name),
    removeFile: (file) => promises.unlink(file),
    removeEmptyFolder: (folder) => promises.rmdir(folder),
    removeAll: (path) => promises.rm(path, { recursive: true, force: true }),
    setTime: (path, mtimeMs) => promises.utimes(path, mtimeMs / 1000, mtimeMs / 1000),
    realPath: (path) => promises.realpath(path),
    requireWritable: (folder) => promises.access(folder, constants.W_OK | constants.X_OK),
    async room(folder) {
      const { type, bavail, blocks, bsize } = await promises.statfs(folder);
      return { type, freeBytes: bavail * bsize, totalBytes: blocks * bsize };
    },
    async syncFolder(folder) {
      // Windows has no such call and needs none.
      if (process.platform === 'win32') return;
      // A pipe in its place is refused: whoever opens one waits for its other end.
      const handle = await promises.open(folder, O_RDONLY | O_DIRECTORY);
      try {
        await handle.sync();
      } catch (error) {
        // A file system that has no such call for folders: there is nothing to wait for.
        if (!['EINVAL', 'ENOTSUP', 'ENOSYS'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
      } finally {
        await handle.close();
      }
    },
    syncWholeDisk,
    lock: lockFile,
    blocking: {
      makeFolders(folder, mode = 0o777) {
        fs.mkdirSync(folder, { recursive: true, mode });
      },
      openPrivateAppend(file) {
        const fd = fs.openSync(file, 'a', 0o600);
        // A file from before may have been made readable to others.
        fs.fchmodSync(fd, 0o600);
        return {
          bytes: fs.fstatSync(fd).size,
          append: (text) => fs.writeSync(fd, text),
          close: () => fs.closeSync(fd),
        };
      },
      rename: (from, to) => fs.renameSync(from, to),
      removeFile(file) {
        try {
          fs.unlinkSync(file);
        } catch (error) {
          ignoreMissing(error as NodeJS.ErrnoException);
        }
      },
    },
    threads: openDiskThreads,
  };
}

function openFile(handle: FileHandle): DiskFile {
  return {
    async read(into, position) {
      // A network disk may answer with a part of what is there; whoever asks takes that for the end of the file.
      for (let done = 0; done < into.byteLength; ) {
        const { bytesRead } = await handle.read(into, done, into.byteLength - done, position + done);
        if (bytesRead === 0) return done;
        done += bytesRead;
      }
      return into.byteLength;
    },
    async write(bytes, position) {
      for (let done = 0; done < bytes.byteLength; ) {
        const { bytesWritten } = await handle.write(bytes, done, bytes.byteLength - done, position + done);
        done += bytesWritten;
      }
    },
    writeParts: async (parts, position) => (await handle.writev(parts, position)).bytesWritten,
    append: (text) => handle.appendFile(text),
    facts: async (): Promise<FileFacts> => factsOf(await handle.stat({ bigint: true })),
    setTime: (mtimeMs) => handle.utimes(mtimeMs / 1000, mtimeMs / 1000),
    sync: () => handle.sync(),
    syncData: () => handle.datasync(),
    close: () => handle.close(),
  };
}

/** Node has no syncfs; coreutils has. */
function syncWholeDisk(folder: string): Promise<boolean> {
  if (process.platform !== 'linux') return Promise.resolve(false);
  // In the program that is started, `self` is another process.
  const seenFromThere = folder.replace(/^\/proc\/self\//, `/proc/${process.pid}/`);
  return new Promise((resolve, reject) => {
    execFile('/bin/sync', ['-f', '--', seenFromThere], (error) => {
      if (error === null) resolve(true);
      // It ran and failed; a system without it only has to do without.
      else if (typeof error.code === 'number') reject(Object.assign(error, { code: 'EIO' }));
      else resolve(false);
    });
  });
}
