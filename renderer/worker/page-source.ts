// Files that only the page can read (the browser shell): the same Source over File.slice. It lives as long as the page,
// so a kept transfer can be reopened on another link but not after a reload.

import type { Source, SourceBlock, SourceFrom } from '../../engine/ports.ts';
import { sha256 } from '../../shared/model/bytes.ts';
import { whyNotOffered } from '../../shared/model/can-travel.ts';
import { Fault, type FaultCode } from '../../shared/model/fault.ts';
import { blockLength, type Layout, layOut, spansOf, totalsOf } from '../../shared/model/layout.ts';
import { type ManifestEntry, nothingToSend, type Selection, type SkippedEntry } from '../../shared/model/manifest.ts';
import { titleOf } from '../../shared/model/offer-plan.ts';
import { manifestMaxEntries } from '../../shared/wire/limits.ts';
import type { DigestOf } from './file-digests.ts';

const manifestPageEntries = 2_000;

/** Hands what was read to the host, which sends it over the direct lane. False where that is gone. */
export type SendBytes = (attemptId: number, block: number, read: SourceBlock) => Promise<boolean>;

/** In base64; nothing where it is neither a picture nor a video. */
export type DrawThumbnail = (file: Blob) => Promise<string | undefined>;

export type PageSourceParts = {
  readonly sendBytes: SendBytes;
  readonly draw: DrawThumbnail | undefined;
  readonly digestOf: DigestOf;
};

/** What is read in one attempt. A fault that an earlier one found may not have been heard: each names its own. */
type Reading = { readonly layout: Layout; readonly faulted: Set<number> };

function readingOf(layout: Layout): Reading {
  return { layout, faulted: new Set() };
}

export function openPageSource(
  from: Extract<SourceFrom, { is: 'files' }>,
  { sendBytes, draw, digestOf }: PageSourceParts,
): Source {
  const skipped: SkippedEntry[] = [];
  const isSent = (path: readonly string[]): boolean => {
    const why = whyNotOffered(path);
    if (why !== undefined) skipped.push({ path, why });
    return why === undefined;
  };
  const emptyFolders = from.emptyFolders.filter(isSent);
  const files = from.files.flatMap(({ path, file }) => {
    if (!isSent(path)) return [];
    if (file instanceof File) return [{ path, file }];
    skipped.push({ path, why: 'unreadable' });
    return [];
  });
  const entries: ManifestEntry[] = [
    ...emptyFolders.map((path): ManifestEntry => ({ kind: 'folder', path, mtimeMs: 0 })),
    ...files.map(
      ({ path, file }): ManifestEntry => ({
        kind: 'file',
        path,
        size: file.size,
        mtimeMs: file.lastModified,
        executable: false,
      }),
    ),
  ];
  const fileAt = (index: number) => files[index - emptyFolders.length]?.file;
  const totals = totalsOf(entries, 'all');
  // As the other side makes it of the same list.
  const title = titleOf(entries);
  let reading = readingOf(layOut(entries, 'all'));
  let chosen: Selection | undefined;
  let announced: string | undefined;
  let isPutAway = false;

  async function readBlock(block: number): Promise<SourceBlock> {
    const { layout, faulted } = reading;
    const bytes = new Uint8Array(blockLength(layout, block));
    const faults: { index: number; code: FaultCode }[] = [];
    for (const { index, fileOffset, blockOffset, length } of spansOf(layout, block)) {
      if (faulted.has(index)) continue;
      try {
        const piece = await fileAt(index)!
          .slice(fileOffset, fileOffset + length)
          .arrayBuffer();
        if (piece.byteLength !== length) throw new Fault('source-changed', 'shorter than announced');
        bytes.set(new Uint8Array(piece), blockOffset);
      } catch (error) {
        faulted.add(index);
        faults.push({ index, code: codeOf(error) });
      }
    }
    return { bytes, hash: await sha256(bytes), faults };
  }

  return {
    open: async () => {
      if (entries.length === 0) throw nothingToSend(skipped);
      if (entries.length > manifestMaxEntries) throw new Fault('manifest-too-large', 'too many files at once');
      return { title, totals, skipped, skippedCount: skipped.length };
    },
    reopen: async () => {
      isPutAway = false;
      reading = readingOf(reading.layout);
      const kept = { title, totals };
      if (chosen === undefined) return kept;
      return { ...kept, selection: chosen, ...(announced === undefined ? {} : { root: announced }) };
    },
    manifest: async (at) => {
      const next = at + manifestPageEntries;
      return { entries: entries.slice(at, next), next: next < entries.length ? next : null };
    },
    select: async (selection) => {
      if (JSON.stringify(selection) !== JSON.stringify(chosen)) announced = undefined;
      chosen = selection;
      reading = readingOf(layOut(entries, selection));
    },
    sendDirect: async (attemptId, block, signal) => {
      const read = await readBlock(block);
      signal.throwIfAborted();
      return { isSent: await sendBytes(attemptId, block, read), hash: read.hash, faults: read.faults };
    },
    read: readBlock,
    ...(draw === undefined ? {} : { thumbnail: async (index: number) => draw(fileAt(index) ?? new Blob([])) }),
    digests: (indexes) => Promise.all(indexes.map((index) => digestOf(fileAt(index), () => isPutAway))),
    knownHashes: async (_at, count) => new Uint8Array(count * 32),
    keepRoot: async (root) => {
      announced = root;
    },
    close: async () => {
      isPutAway = true;
    },
  };
}

/** Chromium says NotReadableError for a file that changed since it was picked, NotFoundError for one that is gone. */
function codeOf(error: unknown): FaultCode {
  if (error instanceof Fault) return error.code;
  const name = error instanceof DOMException ? error.name : '';
  return name === 'NotFoundError'
    ? 'source-missing'
    : name === 'NotReadableError'
      ? 'source-changed'
      : 'source-unreadable';
}
