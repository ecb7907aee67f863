// A transfer is one stream of bytes: the selected files laid end to end in manifest order, cut into blocks.
// Pure arithmetic over sizes; neither side sends any of it, both derive the same.

import { blockBytes } from '../wire/limits.ts';
import type { IndexRange, ManifestEntry, ManifestTotals, Selection } from './manifest.ts';

/** A piece of one file inside one block. */
export type Span = {
  readonly index: number;
  readonly fileOffset: number;
  readonly blockOffset: number;
  readonly length: number;
};

export type Layout = {
  readonly totalBytes: number;
  readonly blocks: number;
  /** Manifest indexes of the selected files that have bytes, and where each starts in the stream. */
  readonly files: readonly { readonly index: number; readonly start: number; readonly size: number }[];
};

export function layOut(entries: readonly ManifestEntry[], selection: Selection): Layout {
  const files: { index: number; start: number; size: number }[] = [];
  let start = 0;
  for (const index of selectedIndexes(selection, entries.length)) {
    const entry = entries[index];
    if (entry?.kind !== 'file' || entry.size === 0) continue;
    files.push({ index, start, size: entry.size });
    start += entry.size;
  }
  return { totalBytes: start, blocks: Math.ceil(start / blockBytes), files };
}

export function blockLength(layout: Pick<Layout, 'totalBytes'>, block: number): number {
  return Math.max(0, Math.min(blockBytes, layout.totalBytes - block * blockBytes));
}

/** The pieces of files that make up a block, in stream order. */
export function spansOf(layout: Layout, block: number): Span[] {
  const from = block * blockBytes;
  const to = from + blockLength(layout, block);
  const spans: Span[] = [];
  for (let at = firstFileAt(layout, from); at < layout.files.length; at += 1) {
    const file = layout.files[at]!;
    if (file.start >= to) break;
    const begin = Math.max(from, file.start);
    const end = Math.min(to, file.start + file.size);
    spans.push({ index: file.index, fileOffset: begin - file.start, blockOffset: begin - from, length: end - begin });
  }
  return spans;
}

/** The file that a block begins with. */
export function firstFileOf(layout: Layout, block: number): number | undefined {
  return layout.files[firstFileAt(layout, block * blockBytes)]?.index;
}

/** How many blocks hold bytes of each file, by its index. */
export function blocksPerFile({ files }: Layout): Map<number, number> {
  return new Map(
    files.map(({ index, start, size }) => [
      index,
      Math.floor((start + size - 1) / blockBytes) - Math.floor(start / blockBytes) + 1,
    ]),
  );
}

/** The file that byte `offset` of the stream belongs to, by binary search; `files.length` past the end. */
function firstFileAt(layout: Layout, offset: number): number {
  let low = 0;
  let high = layout.files.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const file = layout.files[middle]!;
    if (file.start + file.size <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Ascending and without overlap: then walking it is bounded by the manifest, however many ranges there are. */
export function isSelectionSound(selection: Selection): boolean {
  return (
    selection === 'all' ||
    selection.every(([from, to], at) => from <= to && (at === 0 || selection[at - 1]![1] <= from))
  );
}

export function* selectedIndexes(selection: Selection, entryCount: number): Generator<number> {
  const ranges: readonly IndexRange[] = selection === 'all' ? [[0, entryCount]] : selection;
  for (const [from, to] of ranges) for (let index = from; index < Math.min(to, entryCount); index += 1) yield index;
}

export function totalsOf(entries: readonly ManifestEntry[], selection: Selection): ManifestTotals {
  let files = 0;
  let folders = 0;
  let bytes = 0;
  for (const index of selectedIndexes(selection, entries.length)) {
    const entry = entries[index]!;
    if (entry.kind === 'folder') folders += 1;
    else {
      files += 1;
      bytes += entry.size;
    }
  }
  return { files, folders, bytes };
}

/** Sorted, distinct indexes as ranges. */
export function toRanges(indexes: Iterable<number>): IndexRange[] {
  const ranges: [number, number][] = [];
  for (const index of indexes) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === index) last[1] = index + 1;
    else ranges.push([index, index + 1]);
  }
  return ranges;
}
