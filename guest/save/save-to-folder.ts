// Saves what was received into a folder that the person picked, in its shape. Promises: no file takes the place of another, and
// none appears under its name before it is whole (a browser writes beside it and renames on close).

import { Fault } from '../../shared/model/fault.ts';
import { numberedParts } from '../../shared/model/name-rules.ts';
import { freeNameTriesMax } from '../../shared/wire/limits.ts';
import type { ReceivedEntry } from '../received.ts';
import { storeFault } from '../store/block-store.ts';

export async function saveToFolder(
  entries: readonly ReceivedEntry[],
  folder: FileSystemDirectoryHandle,
): Promise<void> {
  /** What top folders are called there. */
  const tops = new Map<string, FileSystemDirectoryHandle>();

  async function folderOf(path: readonly string[]): Promise<FileSystemDirectoryHandle> {
    const [top, ...rest] = path;
    if (top === undefined) return folder;
    let at = tops.get(top) ?? (await newFolder(folder, top));
    tops.set(top, at);
    for (const name of rest) at = await at.getDirectoryHandle(name, { create: true });
    return at;
  }

  try {
    for (const entry of entries) {
      if (entry.kind === 'folder') await folderOf(entry.path);
      else await saveFile(await folderOf(entry.path.slice(0, -1)), entry.path.at(-1)!, entry.read());
    }
  } catch (error) {
    throw storeFault(error);
  }
}

async function saveFile(
  folder: FileSystemDirectoryHandle,
  wanted: string,
  pieces: AsyncIterable<Uint8Array<ArrayBuffer>>,
): Promise<void> {
  const name = await freeName(folder, wanted);
  const file = await folder.getFileHandle(name, { create: true });
  const target = await file.createWritable();
  try {
    for await (const piece of pieces) await target.write(piece);
    await target.close();
  } catch (error) {
    await target.abort().catch(() => undefined);
    // The empty file that took the name.
    await folder.removeEntry(name).catch(() => undefined);
    throw error;
  }
}

async function newFolder(folder: FileSystemDirectoryHandle, wanted: string): Promise<FileSystemDirectoryHandle> {
  return folder.getDirectoryHandle(await freeName(folder, wanted), { create: true });
}

async function freeName(folder: FileSystemDirectoryHandle, wanted: string): Promise<string> {
  const { stem, extension } = numberedParts(wanted);
  for (let number = 1; number <= freeNameTriesMax; number += 1) {
    const name = number === 1 ? wanted : `${stem} (${number})${extension}`;
    if (!(await isThere(folder, name))) return name;
  }
  throw new Fault('destination-refused', 'no free name left');
}

async function isThere(folder: FileSystemDirectoryHandle, name: string): Promise<boolean> {
  try {
    await folder.getFileHandle(name);
    return true;
  } catch (error) {
    // A folder of that name is in the way as well.
    if (error instanceof DOMException && error.name === 'NotFoundError') return false;
    if (error instanceof DOMException && error.name === 'TypeMismatchError') return true;
    throw error;
  }
}
