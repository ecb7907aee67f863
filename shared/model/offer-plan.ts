// What a receiver makes of an offer once its names are planned: what is shown of it, and what of a wish can travel.

import type { OfferRow } from '../ipc/views.ts';
import { offerRowsMaxChars } from '../wire/limits.ts';
import { Fault } from './fault.ts';
import { selectedIndexes, toRanges } from './layout.ts';
import type { ManifestEntry, Selection } from './manifest.ts';
import type { PlannedEntry } from './wire-path.ts';

/** The selection that will really travel: in order, within the manifest, without what cannot be stored. */
export function effectiveSelection(
  planned: readonly PlannedEntry[],
  wanted: Selection,
  leaveOut: ReadonlySet<number>,
): Selection {
  const indexes: number[] = [];
  let last = -1;
  for (const index of selectedIndexes(wanted, planned.length)) {
    if (index <= last) throw new Fault('transfer-refused', 'the selection is out of order');
    last = index;
    if (planned[index]?.refused === undefined && !leaveOut.has(index)) indexes.push(index);
  }
  return indexes.length === planned.length ? 'all' : toRanges(indexes);
}

/** At most `count` of them, and at least one: fewer where their names are long. Whoever asks goes on behind the last. */
export function offerRows(
  planned: readonly PlannedEntry[],
  { from, count }: { readonly from: number; readonly count: number },
  exists: (index: number) => boolean = () => false,
): OfferRow[] {
  const rows: OfferRow[] = [];
  let chars = 0;
  for (const entry of planned.slice(from, from + count)) {
    for (const component of entry.path) chars += component.length;
    chars += entry.sentAs?.length ?? 0;
    if (rows.length > 0 && chars > offerRowsMaxChars) break;
    rows.push(offerRow(entry, exists(entry.index)));
  }
  return rows;
}

function offerRow({ index, kind, path, size, sentAs, flags }: PlannedEntry, exists: boolean): OfferRow {
  return {
    index,
    kind,
    path,
    size,
    ...(sentAs === undefined ? {} : { sentAs }),
    flags: exists ? [...flags, 'exists'] : flags,
  };
}

export function countsOf(planned: readonly PlannedEntry[]) {
  return {
    renamed: planned.filter(({ sentAs }) => sentAs !== undefined).length,
    flagged: planned.filter(({ flags }) => flags.some((flag) => flag !== 'renamed')).length,
    refused: planned.flatMap(({ index, refused }) => (refused === undefined ? [] : [{ index, code: refused }])),
  };
}

export function titleOf(entries: readonly Pick<ManifestEntry, 'path'>[]): string {
  const tops = new Set(entries.map(({ path }) => path[0]!));
  const [first = 'nothing'] = tops;
  return tops.size > 1 ? `${first} + ${tops.size - 1}` : first;
}
