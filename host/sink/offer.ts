// An offer before anybody said yes: the manifest as it comes in, and what it would be called and cost here.
// Nothing on disk is touched.

import { createHash, type Hash } from 'node:crypto';
import path from 'node:path';
import type { ConflictPolicy, OfferPlan } from '../../shared/ipc/views.ts';
import { Fault } from '../../shared/model/fault.ts';
import { totalsOf } from '../../shared/model/layout.ts';
import type { ManifestEntry, Selection } from '../../shared/model/manifest.ts';
import { manifestLine, parseManifestEntries, sumOfSizes } from '../../shared/model/manifest-parse.ts';
import type { NameTarget } from '../../shared/model/name-rules.ts';
import { countsOf, titleOf } from '../../shared/model/offer-plan.ts';
import type { PlannedEntry } from '../../shared/model/wire-path.ts';
import { manifestMaxBytes } from '../../shared/wire/limits.ts';
import type { Disk } from '../disk/disk.ts';
import type { Destination, Destinations } from './destination.ts';
import { nameTargetOf } from './disk-name-rules.ts';
import { exists, isFolder, joinPath } from './disk-path.ts';
import { planInSlices } from './plan-in-slices.ts';

export type Grant = {
  readonly destination: Destination;
  readonly conflict: ConflictPolicy;
  readonly selection: Selection;
};

export type Offer = {
  readonly secret: string;
  readonly peerName: string;
  readonly checked: boolean;
  readonly entries: ManifestEntry[];
  /** Of the manifest so far. */
  readonly digest: Hash;
  manifestBytes: number;
  /** Set by the first plan: no entry may come after it. */
  isWhole: boolean;
  /** The last turn, see `inTurn`. */
  planning: Promise<unknown>;
  planned?: readonly PlannedEntry[];
  plannedFor?: NameTarget;
  /** Ascending. */
  existing?: ReadonlySet<number>;
  /** Existing ones whose content was compared and is the same, byte for byte. Nothing else may be left out as "there". */
  readonly same: Set<number>;
  grant?: Grant;
};

export function newOffer(from: Pick<Offer, 'secret' | 'peerName' | 'checked'>): Offer {
  return {
    ...from,
    entries: [],
    digest: createHash('sha256'),
    manifestBytes: 0,
    isWhole: false,
    planning: Promise.resolve(),
    same: new Set(),
  };
}

export function addEntries(offer: Offer, part: unknown): void {
  if (offer.isWhole) throw new Fault('manifest-invalid', 'more entries after the last');
  for (const entry of parseManifestEntries(part, offer.entries.length)) {
    const line = manifestLine(entry);
    offer.manifestBytes += Buffer.byteLength(line);
    if (offer.manifestBytes > manifestMaxBytes) throw new Fault('manifest-too-large', 'manifest too large');
    offer.digest.update(line);
    offer.entries.push(entry);
  }
}

/** Planning pauses between slices: without turns a plan for one place could be taken for the plan of another. */
export function inTurn<T>(offer: Offer, task: () => Promise<T>): Promise<T> {
  const turn = offer.planning.then(task);
  offer.planning = turn.catch(() => undefined);
  return turn;
}

/** Called in turn. */
export async function planOffer(
  disk: Disk,
  offer: Offer,
  destination: Destination,
  destinations: Destinations,
): Promise<OfferPlan> {
  if (offer.grant !== undefined) throw new Fault('transfer-refused', 'accepted already');
  offer.isWhole = true;
  sumOfSizes(offer.entries);
  const target = await nameTargetOf(disk, destination.folder);
  if (offer.planned === undefined || offer.plannedFor !== target)
    offer.planned = await planInSlices(offer.entries, target);
  offer.plannedFor = target;
  const { planned } = offer;
  offer.existing = await existingAmong(disk, planned, destination);
  const totals = totalsOf(offer.entries, 'all');
  const view = await destinations.view(destination);
  return {
    manifestDigest: digestOf(offer),
    totals,
    title: titleOf(planned),
    destination: view,
    fits: totals.bytes <= view.freeBytes,
    neededBytes: totals.bytes,
    existing: offer.existing.size,
    ...countsOf(planned),
  };
}

export function plannedOf(offer: Offer): readonly PlannedEntry[] {
  if (offer.planned === undefined) throw new Fault('transfer-refused', 'this offer has no plan yet');
  return offer.planned;
}

export function digestOf({ digest }: Offer): string {
  return digest.copy().digest('hex');
}

/** Files whose place is taken. Where a folder does not exist, or a link is in its place, nothing below it is looked at. */
async function existingAmong(
  disk: Disk,
  planned: readonly PlannedEntry[],
  destination: Destination,
): Promise<Set<number>> {
  const folders = new Map<string, boolean>([[destination.folder, true]]);
  const found = new Set<number>();

  async function isThere(folder: string): Promise<boolean> {
    const known = folders.get(folder);
    if (known !== undefined) return known;
    const is = (await isThere(path.dirname(folder))) && (await isFolder(disk, folder));
    folders.set(folder, is);
    return is;
  }

  for (const { index, kind, path: wirePath } of planned) {
    if (kind !== 'file') continue;
    const full = joinPath(destination.folder, wirePath);
    if ((await isThere(path.dirname(full))) && (await exists(disk, full))) found.add(index);
  }
  return found;
}
