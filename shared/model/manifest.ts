// What a sender offers: an ordered list of folders and files. Paths are component arrays, never strings to split.

import { Fault } from './fault.ts';

/** One entry as it travels. `size` is present on files only; `mtimeMs` is whole milliseconds since 1970. */
export type ManifestEntry =
  | {
      readonly kind: 'file';
      readonly path: readonly string[];
      readonly size: number;
      readonly mtimeMs: number;
      readonly executable: boolean;
    }
  | { readonly kind: 'folder'; readonly path: readonly string[]; readonly mtimeMs: number };

/** Something the sender found and does not send, told by name so that nobody believes it arrived. */
export type SkippedEntry = {
  readonly path: readonly string[];
  readonly why: 'symlink' | 'special' | 'unreadable' | 'name' | 'deep' | 'vanished';
};

/** Of all that was chosen nothing can go. */
export function nothingToSend(skipped: readonly SkippedEntry[]): Fault {
  const isForNames = skipped.length > 0 && skipped.every(({ why }) => why === 'name');
  return new Fault(isForNames ? 'name-unsendable' : 'source-missing', 'there is nothing left to send');
}

export type ManifestTotals = {
  readonly files: number;
  readonly folders: number;
  readonly bytes: number;
};

/** Indexes into the manifest, as sorted, non-overlapping, half-open [from, to) ranges. `'all'` saves the common case. */
export type Selection = 'all' | readonly IndexRange[];
export type IndexRange = readonly [from: number, to: number];
