// Saves what was received into a folder that the person picked, in its shape. Promises: no file takes the place of another, and
// none appears under its name before it is whole (a browser writes beside it and renames on close).

import { Fault } from '../../shared/model/fault.ts';
import { numberedParts, portableName } from '../../shared/model/name-rules.ts';
import { utf8Bytes } from '../../shared/model/utf8.ts';
import { freeNameTriesMax, nameMaxBytes } from '../../shared/wire/limits.ts';
import type { ReceivedEntry } from '../received.ts';
import { storeFault } from '../store/block-store.ts';

/**
 * While it writes, Chromium has a file with `.crswap` behind the name, and a number before that where there is such a one already: `CreateSwapFile`
 * in content/browser/file_system_access/file_system_access_file_handle_impl.cc.
 */
const besideBytes = '.99.crswap'.length;

/** The folder there, and the names that were given out in it: of those with one beginning and one ending, the number to try next. */
type Place = { readonly handle: FileSystemDirectoryHandle; readonly nextNumbers: Map<string, number> };

export async function saveToFolder(
  entries: readonly ReceivedEntry[],
  picked: FileSystemDirectoryHandle,
): Promise<void> {
  /** By their path, as it was sent. */
  const places = new Map<string, Place>();
  const top: Place = { handle: picked, nextNumbers: new Map() };

  async function placeOf(path: readonly string[]): Promise<Place> {
    let at = top;
    let key = '';
    for (const wanted of path) {
      key += `/${wanted}`;
      const known = places.get(key);
      at = known ?? (await newPlace(at, wanted));
      places.set(key, at);
    }
    return at;
  }

  try {
    for (const entry of entries) {
      if (entry.kind === 'folder') await placeOf(entry.path);
      else await saveFile(await placeOf(entry.path.slice(0, -1)), entry.path.at(-1)!, entry.read());
    }
  } catch (error) {
    throw storeFault(error);
  }
}

async function newPlace(parent: Place, wanted: string): Promise<Place> {
  const name = await freeName(parent, wanted, 0);
  return { handle: await parent.handle.getDirectoryHandle(name, { create: true }), nextNumbers: new Map() };
}

async function saveFile(place: Place, wanted: string, pieces: AsyncIterable<Uint8Array<ArrayBuffer>>): Promise<void> {
  const name = await freeName(place, wanted, besideBytes);
  const folder = place.handle;
  const file = await folder.getFileHandle(name, { create: true });
  let target: FileSystemWritableFileStream | undefined;
  try {
    target = await file.createWritable();
    for await (const piece of pieces) await target.write(piece);
    await target.close();
  } catch (error) {
    await target?.abort().catch(() => undefined);
    // The empty file that took the name.
    await folder.removeEntry(name).catch(() => undefined);
    throw error;
  }
}

/** `bytesBehind`: for what stands behind the name for a while. */
async function freeName(place: Place, wanted: string, bytesBehind: number): Promise<string> {
  for (const allowed of namesToTry(wanted)) {
    try {
      return await numberedName(place, allowed, bytesBehind);
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

/** A sender may choose names that are all one here: no number is tried twice for them. */
async function numberedName({ handle, nextNumbers }: Place, wanted: string, bytesBehind: number): Promise<string> {
  const { stem, extension } = numberedParts(wanted, bytesBehind);
  const whole = utf8Bytes(wanted) + bytesBehind <= nameMaxBytes ? wanted : `${stem}${extension}`;
  if (!(await isThere(handle, whole))) return whole;
  const key = `${stem}/${extension}`;
  const first = nextNumbers.get(key) ?? 2;
  for (let number = first; number < first + freeNameTriesMax; number += 1) {
    const name = `${stem} (${number})${extension}`;
    if (await isThere(handle, name)) continue;
    nextNumbers.set(key, number + 1);
    return name;
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
