// "Skip what is already there": which files of an offer have their place taken, and which of those are the same, byte for byte.

import type { CallOutput } from '../../shared/ipc/calls.ts';
import type { EngineCalls } from '../../shared/ipc/contract.ts';
import { Fault } from '../../shared/model/fault.ts';
import type { Disk } from '../disk/disk.ts';
import { sha256OfFile } from '../disk/hash-file.ts';
import { joinPath, sizeOnDisk } from './disk-path.ts';
import { type Offer, plannedOf } from './offer.ts';

/** As many as one question to the sender holds. */
const perPage = 256;

export function candidatesIn({ grant, existing }: Offer, from: number): CallOutput<EngineCalls, 'receive.candidates'> {
  if (grant?.conflict !== 'skip' || existing === undefined) return { indexes: [], next: null };
  const indexes: number[] = [];
  for (const index of existing) {
    if (index < from) continue;
    if (indexes.length === perPage) return { indexes, next: index };
    indexes.push(index);
  }
  return { indexes, next: null };
}

/** Notes in the offer what is the same; nothing else may be left out later. */
export async function compareIn(
  disk: Disk,
  offer: Offer,
  digests: readonly { readonly index: number; readonly sha256: string }[],
): Promise<number[]> {
  const { grant, existing } = offer;
  if (grant === undefined) throw new Fault('transfer-refused', 'nobody accepted this offer');
  const { folder } = grant.destination;
  const same: number[] = [];
  for (const { index, sha256 } of digests) {
    const planned = plannedOf(offer)[index];
    if (grant.conflict !== 'skip' || planned === undefined || !existing?.has(index)) continue;
    if ((await sizeOnDisk(disk, folder, planned.path)) !== planned.size) continue;
    if ((await sha256OfFile(disk, joinPath(folder, planned.path))) === sha256) same.push(index);
  }
  for (const index of same) offer.same.add(index);
  return same;
}
