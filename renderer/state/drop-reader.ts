// Reads what was dropped: files and whole folders, empty ones too. The entries must be taken inside the drop event;
// walking them may wait. Stops at the most entries that a manifest may hold.

import { droppedFilesAtOnce, manifestMaxEntries, pathMaxDepth } from '../../shared/wire/limits.ts';
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
    if (files.length + emptyFolders.length >= manifestMaxEntries) break;
    const { entry, path } = next;
    if (isFile(entry)) {
      const together = [next];
      const most = Math.min(droppedFilesAtOnce, manifestMaxEntries - files.length - emptyFolders.length);
      while (together.length < most && waiting.at(-1)?.entry.isFile === true) together.push(waiting.pop()!);
      files.push(...(await Promise.all(together.map(readFile))));
      continue;
    }
    const children = await childrenOf(entry as FileSystemDirectoryEntry);
    if (children.length === 0) emptyFolders.push(path);
    if (path.length >= pathMaxDepth) continue;
    for (const child of children.reverse()) waiting.push({ entry: child, path: [...path, child.name] });
  }
  return { files, emptyFolders };
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

async function readFile({ entry, path }: Waiting): Promise<PageFile> {
  return { path, file: await fileOf(entry as FileSystemFileEntry) };
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

/** readEntries hands out about a hundred at a time and an empty list at the end. */
async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return all;
    all.push(...some);
    if (all.length >= manifestMaxEntries) return all;
  }
}
