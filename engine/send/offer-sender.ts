// An offer and its answer. The offer and its list of files are sent as messages, as many entries in each as fit, and no faster than the
// control channel takes them. The receiver answers with the files it chooses and the blocks it holds, in as many messages as it
// needs: in order and within what there is, so that nobody can pile them up here without end. Before that it may ask for hashes of whole files: each
// question costs the sender a reading of those files, and the receiver chooses how many it asks.

import { type Layout, layOut } from '../../shared/model/layout.ts';
import type { IndexRange, ManifestEntry, Selection } from '../../shared/model/manifest.ts';
import type { ControlOf } from '../../shared/wire/control.ts';
import { digestAsksMax, manifestPartMaxBytes } from '../../shared/wire/limits.ts';
import type { AttemptScope } from '../attempt-scope.ts';
import type { TransferContext, TransferStatus } from '../status/transfer-status.ts';

export type OfferParts = {
  readonly context: TransferContext;
  readonly status: TransferStatus;
  readonly secret: string;
  readonly attemptId: number;
  readonly entries: readonly ManifestEntry[];
};

export async function sendOffer(
  { context, status, secret, attemptId, entries }: OfferParts,
  scope: AttemptScope,
): Promise<void> {
  await scope.own(context.whenRoom(scope.signal));
  const { id: transfer, totals, skippedCount: skipped } = status;
  const title = status.title.slice(0, 1024);
  context.send({ type: 'offer', transfer, tag: attemptId, secret, title, totals, skipped });
  for (const part of manifestParts(entries)) {
    if (part.part > 0) await scope.own(context.whenRoom(scope.signal));
    context.send({ type: 'manifest', transfer, ...part });
  }
}

type ManifestPart = { readonly part: number; readonly last: boolean; readonly entries: ManifestEntry[] };

/** An empty list is one empty part. */
function* manifestParts(all: readonly ManifestEntry[]): Generator<ManifestPart> {
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

export type Answer = { readonly selection: Selection; readonly held: readonly IndexRange[]; readonly layout: Layout };

export class OfferAnswer {
  readonly #entries: readonly ManifestEntry[];
  /** However much of the offer they choose: ranges beyond that would pile up here for nothing. */
  readonly #blocksMax: number;
  #chosen: IndexRange[] = [];
  #held: IndexRange[] = [];

  constructor(entries: readonly ManifestEntry[], blocksMax: number) {
    this.#entries = entries;
    this.#blocksMax = blocksMax;
  }

  /** Ranges that were told to an earlier attempt belong to it. */
  forgetRanges(): void {
    this.#chosen = [];
    this.#held = [];
  }

  /** Returns whether they can be such ranges. */
  addRanges({ type, ranges }: ControlOf<'choose' | 'held'>): boolean {
    return type === 'choose'
      ? append(this.#chosen, ranges, this.#entries.length)
      : append(this.#held, ranges, this.#blocksMax);
  }

  /** Nothing where blocks are held that do not exist. */
  read({ all }: ControlOf<'accept'>): Answer | undefined {
    const selection: Selection = all ? 'all' : [...this.#chosen];
    const layout = layOut(this.#entries, selection);
    return endOf(this.#held) > layout.blocks ? undefined : { selection, held: [...this.#held], layout };
  }
}

/** How often each file was asked about. Outlives an attempt: a receiver begins another one with a word. */
export class DigestCounts {
  readonly #asked = new Map<number, number>();

  /** Returns whether these of so many files may be asked about (once more). */
  count(indexes: readonly number[], files: number): boolean {
    return indexes.every((index) => {
      const times = (this.#asked.get(index) ?? 0) + 1;
      this.#asked.set(index, times);
      return index < files && times <= digestAsksMax;
    });
  }

  /** What was answered before may not have been heard, or is asked about anew. */
  reset(): void {
    this.#asked.clear();
  }
}

function append(told: IndexRange[], ranges: readonly IndexRange[], end: number): boolean {
  for (const [from, to] of ranges) {
    if (from >= to || to > end || from < endOf(told)) return false;
    told.push([from, to]);
  }
  return true;
}

function endOf(ranges: readonly IndexRange[]): number {
  return ranges.at(-1)?.[1] ?? 0;
}
