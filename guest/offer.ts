// An offer before anybody said yes: its entries as they come in, and what they would be called here. Nothing is stored.

import type { OfferPlan } from '../shared/ipc/views.ts';
import { join, sha256, toHex } from '../shared/model/bytes.ts';
import { Fault } from '../shared/model/fault.ts';
import { totalsOf } from '../shared/model/layout.ts';
import type { ManifestEntry, Selection } from '../shared/model/manifest.ts';
import { manifestLine, parseManifestEntries, sumOfSizes } from '../shared/model/manifest-parse.ts';
import { countsOf, titleOf } from '../shared/model/offer-plan.ts';
import { type PlannedEntry, planNames } from '../shared/model/wire-path.ts';
import { manifestMaxBytes } from '../shared/wire/limits.ts';

export type Offer = {
  readonly secret: string;
  readonly peerName: string;
  readonly entries: ManifestEntry[];
  /** Of the entries so far, in UTF-8. */
  readonly lines: Uint8Array[];
  lineBytes: number;
  /** Set by the first plan: no entry may come after it. */
  planned?: readonly PlannedEntry[];
  granted?: Selection;
};

/** There is one place that receives: this browser. */
export const destinationId = 'browser';

export function newOffer({ secret, peerName }: Pick<Offer, 'secret' | 'peerName'>): Offer {
  return { secret, peerName, entries: [], lines: [], lineBytes: 0 };
}

export function addEntries(offer: Offer, part: unknown): void {
  if (offer.planned !== undefined) throw new Fault('manifest-invalid', 'more entries after the last');
  for (const entry of parseManifestEntries(part, offer.entries.length)) {
    const line = new TextEncoder().encode(manifestLine(entry));
    offer.lineBytes += line.byteLength;
    if (offer.lineBytes > manifestMaxBytes) throw new Fault('manifest-too-large', 'manifest too large');
    offer.lines.push(line);
    offer.entries.push(entry);
  }
}

export async function planOffer(offer: Offer, freeBytes: number): Promise<OfferPlan> {
  if (offer.granted !== undefined) throw new Fault('transfer-refused', 'accepted already');
  sumOfSizes(offer.entries);
  // What is saved goes to disks that this page does not know: names that Windows takes, every disk takes.
  offer.planned ??= [...planNames(offer.entries, 'windows')];
  const totals = totalsOf(offer.entries, 'all');
  return {
    manifestDigest: await digestOf(offer),
    totals,
    title: titleOf(offer.planned),
    destination: { id: destinationId, label: '', freeBytes },
    fits: totals.bytes <= freeBytes,
    neededBytes: totals.bytes,
    existing: 0,
    ...countsOf(offer.planned),
  };
}

export function plannedOf({ planned }: Offer): readonly PlannedEntry[] {
  if (planned === undefined) throw new Fault('transfer-refused', 'this offer has no plan yet');
  return planned;
}

export async function digestOf({ lines }: Offer): Promise<string> {
  return toHex(await sha256(join(lines)));
}
