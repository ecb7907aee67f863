// A lock that the operating system holds for this process and gives up with it, however it ends: no stale lock is ever
// left, and of two that start at once exactly one gets it. Node has no call for it, but its SQLite has, on every system.

import type { DiskLock } from './disk.ts';

/** SQLITE_BUSY: somebody else has it. */
const busy = 5;
/** What else its first codes say, as a disk says it: PERM, READONLY, IOERR, FULL, CANTOPEN. */
const errnos = new Map([
  [3, 'EACCES'],
  [8, 'EACCES'],
  [10, 'EIO'],
  [13, 'ENOSPC'],
  [14, 'EACCES'],
]);

/** Node closes a database that nobody holds any more, and its lock with it. */
const held = new Set<object>();

export function lockFile(file: string): DiskLock | undefined {
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
  let database: InstanceType<typeof DatabaseSync> | undefined;
  try {
    const opened = new DatabaseSync(file);
    database = opened;
    opened.exec('BEGIN EXCLUSIVE');
    held.add(opened);
    return {
      close() {
        held.delete(opened);
        opened.close();
      },
    };
  } catch (error) {
    database?.close();
    const reason = Number((error as { readonly errcode?: unknown }).errcode) & 0xff;
    if (reason === busy) return undefined;
    throw Object.assign(new Error('the lock cannot be taken', { cause: error }), { code: errnos.get(reason) ?? 'EIO' });
  }
}
