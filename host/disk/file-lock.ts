// A lock that the operating system holds for this process and gives up with it, however it ends: no stale lock is ever
// left, and of two that start at once exactly one gets it. Node has no call for it, but its SQLite has, on every system.

import type { DiskLock } from './disk.ts';

/** SQLITE_BUSY: somebody else has it. */
const busy = 5;

/** Node closes a database that nobody holds any more, and its lock with it. */
const held = new Set<object>();

export function lockFile(file: string): DiskLock | undefined {
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
  const database = new DatabaseSync(file);
  try {
    database.exec('BEGIN EXCLUSIVE');
    held.add(database);
    return {
      close() {
        held.delete(database);
        database.close();
      },
    };
  } catch (error) {
    database.close();
    if ((Number((error as { readonly errcode?: unknown }).errcode) & 0xff) === busy) return undefined;
    throw error;
  }
}
