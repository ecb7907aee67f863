// Moves a file into the trash of freedesktop desktops. Elsewhere, and across file systems, it refuses: the host then keeps
// the file beside the new one under another name.

import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { Fault } from '../shared/model/fault.ts';

export async function moveToTrash(file: string): Promise<void> {
  if (process.platform !== 'linux') throw new Fault('disk-error', 'no trash to move to');
  const trash = path.join(process.env.XDG_DATA_HOME ?? path.join(homedir(), '.local', 'share'), 'Trash');
  const name = `${path.basename(file).slice(0, 100)}.${randomUUID()}`;
  const info = path.join(trash, 'info', `${name}.trashinfo`);
  const deletedAt = new Date().toISOString().slice(0, 19);
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
