// Plans the names of an offer without holding up the host: blocks of other transfers, pings of the page and the person's
// own clicks are served between two slices.

import { setImmediate } from 'node:timers/promises';
import type { ManifestEntry } from '../../shared/model/manifest.ts';
import type { NameTarget } from '../../shared/model/name-rules.ts';
import { type PlannedEntry, planNames } from '../../shared/model/wire-path.ts';
import { planSliceChars } from '../../shared/wire/limits.ts';

export async function planInSlices(entries: readonly ManifestEntry[], target: NameTarget): Promise<PlannedEntry[]> {
  const planned: PlannedEntry[] = [];
  let chars = 0;
  for (const entry of planNames(entries, target)) {
    planned.push(entry);
    for (const component of entries[entry.index]!.path) chars += component.length + charsPerComponent;
    if (chars < planSliceChars) continue;
    chars = 0;
    await setImmediate();
  }
  return planned;
}

/** A component costs something, however short it is. */
const charsPerComponent = 8;
