// Small private files that are either the old or the new, never half: temp name, sync, rename, sync the folder.

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { publishAtOnce, syncTogetherFrom } from '../shared/wire/limits.ts';

export async function writeAtomically(file: string, content: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
  await syncFolder(path.dirname(file));
}

/** The parsed content, or undefined when there is none. Content that cannot be read is set aside, not destroyed. */
export async function readJson(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    await setAside(file);
    return undefined;
  }
}

export async function setAside(file: string): Promise<void> {
  await rename(file, `${file}.damaged`).catch(() => rm(file, { force: true }));
}

/**
 * Makes these files and folders durable. One at a time each costs a commit of the disk's journal; where the system can
 * sync a whole disk at once, many are synced that way.
 */
export async function syncTogether(
  folder: string,
  files: readonly string[],
  folders: readonly string[],
): Promise<void> {
  if (files.length + folders.length > syncTogetherFrom && (await syncDisk(folder))) return;
  let next = 0;
  const worker = async () => {
    for (let file = files[next++]; file !== undefined; file = files[next++]) {
      const handle = await open(file, 'r+');
      try {
        await handle.sync();
      } finally {
        await handle.close();
      }
    }
  };
  await Promise.all(Array.from({ length: publishAtOnce }, worker));
  for (const each of folders) await syncFolder(each);
}

/** Node has no syncfs; coreutils has. Answers whether it worked. */
export async function syncDisk(folder: string): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  return new Promise((resolve) => {
    execFile('sync', ['-f', '--', folder], (error) => resolve(error === null));
  });
}

/** Makes a rename durable. Windows has no such call and needs none. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
