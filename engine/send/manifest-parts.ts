// A manifest as messages: as many entries in each as fit. An empty one is one empty part.

import type { ManifestEntry } from '../../shared/model/manifest.ts';
import { manifestPartMaxBytes } from '../../shared/wire/limits.ts';

export type ManifestPart = { readonly part: number; readonly last: boolean; readonly entries: ManifestEntry[] };

export function* manifestParts(all: readonly ManifestEntry[]): Generator<ManifestPart> {
  let part = 0;
  let entries: ManifestEntry[] = [];
  let bytes = 0;
  for (const entry of all) {
    const size = new TextEncoder().encode(JSON.stringify(entry)).byteLength + 1;
    if (bytes + size > manifestPartMaxBytes && entries.length > 0) {
      yield { part: part++, last: false, entries };
      entries = [];
      bytes = 0;
    }
    entries.push(entry);
    bytes += size;
  }
  yield { part, last: true, entries };
}
