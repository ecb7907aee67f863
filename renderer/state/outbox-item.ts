// What waits to be offered: items that the host can read, and files that only this page can read.

import type { HostItem } from '../../shared/ipc/views.ts';
import { numberedParts } from '../../shared/model/name-rules.ts';
import { sortInSlices } from '../../shared/model/sort-in-slices.ts';
import type { Slices } from './slices.ts';

/** A file as the browser handed it over, and null where it did not. `path` starts with the folder the person picked or dropped, if any. */
export type PageFile = { readonly path: readonly string[]; readonly file: File | null };

export type OutboxItem =
  | ({ readonly from: 'host' } & HostItem)
  | {
      readonly from: 'page';
      readonly id: string;
      readonly name: string;
      readonly kind: 'file' | 'folder';
      readonly sizeBytes: number;
      readonly files: readonly PageFile[];
      readonly emptyFolders: readonly (readonly string[])[];
    };

export type Picked = {
  readonly files: readonly PageFile[];
  readonly emptyFolders: readonly (readonly string[])[];
  readonly isSorted?: true;
};

/** Windows' pages call every drive by its last character; the host calls it by its whole path. */
const isNamed = (found: HostItem | undefined, name: string) =>
  found?.name === name || (name === '\\' && found?.name.endsWith(name) === true);

/** Of what the host was asked to put down, the names of what it could not look at. It keeps the order. */
export function leftOut(asked: readonly { readonly name: string }[], found: readonly HostItem[]): string[] {
  if (found.length >= asked.length) return [];
  let at = 0;
  return asked.flatMap(({ name }) => {
    if (!isNamed(found[at], name)) return [name];
    at += 1;
    return [];
  });
}

/** Of what will be a chip each. */
export function topNames({ files, emptyFolders }: Picked): string[] {
  return [...new Set([...files.map(({ path }) => path[0] ?? ''), ...emptyFolders.map(([top]) => top ?? '')])];
}

/** One chip per lone file, one per top folder. */
export function toOutboxItems(picked: Picked, nextId: () => string): OutboxItem[] {
  const folders = new Map<string, { files: PageFile[]; emptyFolders: (readonly string[])[] }>();
  const items: OutboxItem[] = [];
  const folder = (name: string) => {
    const held = folders.get(name) ?? { files: [], emptyFolders: [] };
    folders.set(name, held);
    return held;
  };
  for (const file of picked.files) {
    const [top, ...rest] = file.path;
    if (top === undefined) continue;
    if (rest.length > 0) folder(top).files.push(file);
    else
      items.push({
        from: 'page',
        id: nextId(),
        name: top,
        kind: 'file',
        sizeBytes: sizeOf(file),
        files: [file],
        emptyFolders: [],
      });
  }
  for (const path of picked.emptyFolders) if (path[0] !== undefined) folder(path[0]).emptyFolders.push(path);
  const compare = byName();
  for (const [name, held] of folders) {
    if (picked.isSorted !== true) held.files.sort(compare);
    const sizeBytes = held.files.reduce((sum, file) => sum + sizeOf(file), 0);
    items.push({ from: 'page', id: nextId(), name, kind: 'folder', sizeBytes, ...held });
  }
  return items;
}

function sizeOf({ file }: PageFile): number {
  return file?.size ?? 0;
}

/** Two things of one name were picked one after the other: in one offer the later gets a number, as everywhere. */
export function withDistinctNames(picked: readonly Picked[]): Picked {
  // Nothing else is there that could have the same name.
  const [only] = picked;
  if (only !== undefined && picked.length === 1) return { files: only.files, emptyFolders: only.emptyFolders };
  const taken = new Set<string>();
  /** Per name that was picked twice. Numbers below it are taken. */
  const nextNumber = new Map<string, number>();
  const files: PageFile[] = [];
  const emptyFolders: (readonly string[])[] = [];
  for (const one of picked) {
    const tops = new Map<string, string>();
    const renamed = ([top = '', ...rest]: readonly string[]): readonly string[] => {
      const name = tops.get(top) ?? freeName(top, taken, nextNumber);
      tops.set(top, name);
      return [name, ...rest];
    };
    for (const { path, file } of one.files) files.push({ path: renamed(path), file });
    for (const path of one.emptyFolders) emptyFolders.push(renamed(path));
    for (const name of tops.values()) taken.add(name);
  }
  return { files, emptyFolders };
}

function freeName(name: string, taken: ReadonlySet<string>, nextNumber: Map<string, number>): string {
  if (!taken.has(name)) return name;
  const { stem, extension } = numberedParts(name);
  for (let number = nextNumber.get(name) ?? 2; ; number += 1) {
    const free = `${stem} (${number})${extension}`;
    nextNumber.set(name, number + 1);
    if (!taken.has(free)) return free;
  }
}

/** As people list them, whatever the order a browser found them in; what lies in one folder stays together. */
function byName(): (a: PageFile, b: PageFile) => number {
  const names = new Intl.Collator(undefined, { numeric: true });
  return ({ path: a }, { path: b }) => {
    for (let at = 0; at < a.length; at += 1) {
      const [one, other] = [a[at]!, b[at]];
      if (other === undefined) return 1;
      if (one !== other) return names.compare(one, other) || (one < other ? -1 : 1);
    }
    return a.length - b.length;
  };
}

/**
 * Puts thousands of files in order without holding the page. Chromium asks the disk for the size of each file that came from an
 * input, and waits for the answer; who hands the files to a Worker without that waits for all of them at once.
 */
export async function orderInSlices(picked: Picked, slices: Slices): Promise<Picked & { readonly bytes: number }> {
  let bytes = 0;
  // A size that is not used is not asked for: the build leaves such a line out.
  for (const file of picked.files) {
    bytes += sizeOf(file);
    await slices.step();
  }
  return { ...picked, bytes, isSorted: true, files: await sortInSlices(picked.files, byName(), slices.step) };
}

/** What an `<input type=file>` holds; `webkitRelativePath` carries the folder structure. */
export function fromInput(files: Iterable<File>): Picked {
  return {
    files: [...files].map((file) => ({
      path: file.webkitRelativePath === '' ? [file.name] : file.webkitRelativePath.split('/'),
      file,
    })),
    emptyFolders: [],
  };
}
