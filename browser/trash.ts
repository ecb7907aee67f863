// Moves a file into the trash of freedesktop desktops. Elsewhere, and across file systems, it refuses: the host then keeps
// the file beside the new one under another name.

import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { xdgFolder } from '../host/default-folders.ts';
import { Fault } from '../shared/model/fault.ts';
import { utf8Prefix } from '../shared/model/utf8.ts';

/** A name of 255 bytes has room for this, and for what is put behind it. */
const nameMaxBytes = 200;

export async function moveToTrash(file: string): Promise<void> {
  if (process.platform !== 'linux') throw new Fault('disk-error', 'no trash to move to');
  const trash = path.join(xdgFolder('XDG_DATA_HOME', '.local', 'share'), 'Trash');
  const own = path.basename(file);
  const name = `${own.slice(0, utf8Prefix(own, nameMaxBytes))}.${randomUUID()}`;
  const info = path.join(trash, 'info', `${name}.trashinfo`);
  const deletedAt = wallClock(new Date()).toISOString().slice(0, 19);
  try {
    await mkdir(path.join(trash, 'files'), { recursive: true, mode: 0o700 });
    await mkdir(path.join(trash, 'info'), { recursive: true, mode: 0o700 });
    const original = file.split('/').map(encodeURIComponent).join('/');
    await writeFile(info, `[Trash Info]\nPath=${original}\nDeletionDate=${deletedAt}\n`, { flag: 'wx', mode: 0o600 });
    await rename(file, path.join(trash, 'files', name));
  } catch (cause) {
    await rm(info, { force: true });
    throw new Fault('disk-error', 'the trash did not take it', { cause });
  }
}

/** A trash shows when something came into it in the time of its place, and names no zone. */
function wallClock(now: Date): Date {
  return new Date(now.getTime() - now.getTimezoneOffset() * 60_000);
}
