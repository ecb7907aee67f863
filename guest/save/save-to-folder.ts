// Saves what was received into a folder that the person picked, in its shape. Promises: no file takes the place of another, and
// none appears under its name before it is whole (a browser writes beside it and renames on close).

import { Fault } from '../../shared/model/fault.ts';
import { numberedParts, portableName } from '../../shared/model/name-rules.ts';
import { freeNameTriesMax } from '../../shared/wire/limits.ts';
import type { ReceivedEntry } from '../received.ts';
import { storeFault } from '../store/block-store.ts';

export async function saveToFolder(
  entries: readonly ReceivedEntry[],
  folder: FileSystemDirectoryHandle,
): Promise<void> {
  /** What folders are called there, by their path. */
  const names = new Map<string, string>();

  async function folderOf(path: readonly string[]): Promise<FileSystemDirectoryHandle> {
    let at = folder;
    let key = '';
    for (const wanted of path) {
      key += `/${wanted}`;
      const name = names.get(key) ?? (await freeName(at, wanted));
      names.set(key, name);
      at = await at.getDirectoryHandle(name, { create: true });
    }
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

async function freeName(folder: FileSystemDirectoryHandle, wanted: string): Promise<string> {
  for (const allowed of namesToTry(wanted)) {
    try {
      return await numberedName(folder, allowed);
    } catch (error) {
      // A name that the browser does not allow.
      if (!(error instanceof TypeError)) throw error;
    }
  }
  throw new Fault('destination-refused', 'the browser allows no such name there');
}

/**
 * In a folder on the disk Chromium refuses names that every disk takes: some signs at their ends (`~$letter.docx`, `notes~`), signs
 * that cannot be seen, and types and names with a meaning of their own (`.url`, `.lnk`, `desktop.ini`); see `IsSafePathComponent` in
 * content/browser/file_system_access/file_system_access_manager_impl.cc. Its own downloads get the same ending for such a type.
 */
function namesToTry(wanted: string): readonly string[] {
  const plain = wanted
    .replace(/\p{Cf}/gu, '')
    .replace(/^(\.)[\s.~]|^[\s~]/, '$1_')
    .replace(/[\s.~]$/, '_');
  return [wanted, plain, portableName(`${plain}.download`, 'windows').name];
}

async function numberedName(folder: FileSystemDirectoryHandle, wanted: string): Promise<string> {
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
