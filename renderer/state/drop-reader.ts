// Reads what was dropped: files and whole folders, empty ones too. The entries must be taken inside the drop event;
// walking them may wait. Refuses the whole drop as soon as there is more than may be sent at once. What cannot be read is named.

import { Fault } from '../../shared/model/fault.ts';
import { droppedFilesAtOnce, manifestMaxEntries } from '../../shared/wire/limits.ts';
import type { PageFile, Picked } from './outbox-item.ts';

export type DropTaken = { readonly entries: readonly FileSystemEntry[]; readonly files: readonly File[] };

/** Must run while the event is being handled: afterwards the list is empty. */
export function takeDrop(transfer: DataTransfer): DropTaken {
  const entries = [...transfer.items].flatMap((item) => (item.kind === 'file' ? [item.webkitGetAsEntry()] : []));
  return { entries: entries.filter((entry) => entry !== null), files: [...transfer.files] };
}

export function namesOf({ entries, files }: DropTaken): string[] {
  return (entries.length === 0 ? files : entries).map(({ name }) => name);
}

type Waiting = { readonly entry: FileSystemEntry; readonly path: readonly string[] };

export async function walkDrop(taken: DropTaken): Promise<Picked> {
  if (taken.entries.length === 0)
    return { files: taken.files.map((file) => ({ path: [file.name], file })), emptyFolders: [] };
  const files: PageFile[] = [];
  const emptyFolders: (readonly string[])[] = [];
  const waiting: Waiting[] = taken.entries.map((entry) => ({ entry, path: [entry.name] })).reverse();
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    // Each that waits is at least one entry.
    if (files.length + emptyFolders.length + waiting.length >= manifestMaxEntries)
      throw new Fault('manifest-too-large', 'too many files at once');
    const { entry, path } = next;
    if (isFile(entry)) {
      const together = [next];
      while (together.length < droppedFilesAtOnce && waiting.at(-1)?.entry.isFile === true) {
        together.push(waiting.pop()!);
      }
      files.push(...(await Promise.all(together.map(readFile))));
      continue;
    }
    const children = await childrenOf(entry as FileSystemDirectoryEntry).catch(() => undefined);
    if (children === undefined) files.push({ path, file: null });
    else if (children.length === 0) emptyFolders.push(path);
    else for (const child of children.reverse()) waiting.push({ entry: child, path: [...path, child.name] });
  }
  if (emptyFolders.length === 0 && files.every(({ file }) => file === null)) throw new Error('nothing could be read');
  return { files, emptyFolders };
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

async function readFile({ entry, path }: Waiting): Promise<PageFile> {
  return { path, file: await fileOf(entry as FileSystemFileEntry) };
}

function fileOf(entry: FileSystemFileEntry): Promise<File | null> {
  return new Promise((resolve) => entry.file(resolve, () => resolve(null)));
}

/** readEntries hands out about a hundred at a time and an empty list at the end. */
async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return all;
    all.push(...some);
    if (all.length > manifestMaxEntries) return all;
  }
}
