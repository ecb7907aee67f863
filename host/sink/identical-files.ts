// "Skip what is already there": which files of an offer have their place taken, and which of those are the same, byte for byte.

import path from 'node:path';
import type { CallOutput } from '../../shared/ipc/calls.ts';
import type { EngineCalls } from '../../shared/ipc/contract.ts';
import { Fault } from '../../shared/model/fault.ts';
import type { PlannedEntry } from '../../shared/model/wire-path.ts';
import type { Disk } from '../disk/disk.ts';
import { onDisk } from '../disk/disk-fault.ts';
import { sha256Of } from '../disk/hash-file.ts';
import { FolderChain } from './folder-chain.ts';
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

type Digests = readonly { readonly index: number; readonly sha256: string }[];

/** Notes in the offer what is the same; nothing else may be left out later. `isOver`: the offer is put away, and nobody waits for it. */
export async function compareIn(
  disk: Disk,
  offer: Offer,
  { digests, isOver }: { readonly digests: Digests; readonly isOver: () => boolean },
): Promise<number[]> {
  const { grant, existing } = offer;
  if (grant === undefined) throw new Fault('transfer-refused', 'nobody accepted this offer');
  const same: number[] = [];
  const destination = await onDisk(() => disk.openFolder(grant.destination.folder));
  const chain = new FolderChain(disk, destination.path, { makes: false });
  try {
    for (const { index, sha256 } of digests) {
      const planned = plannedOf(offer)[index];
      if (grant.conflict !== 'skip' || planned === undefined || !existing?.has(index)) continue;
      // What cannot be compared is received, and comes beside it.
      if ((await digestOf(disk, chain, { planned, isOver }).catch(() => undefined)) === sha256) same.push(index);
      if (isOver()) throw new Fault('transfer-unknown', 'this offer was put away');
    }
  } finally {
    await chain.close();
    await destination.close();
  }
  for (const index of same) offer.same.add(index);
  return same;
}

/** Of a file of this size that is reached through folders only, and is itself no link, pipe or device. */
async function digestOf(
  disk: Disk,
  chain: FolderChain,
  { planned: { path: names, size }, isOver }: { readonly planned: PlannedEntry; readonly isOver: () => boolean },
): Promise<string | undefined> {
  const folder = await chain.reach(names.slice(0, -1));
  if (folder === undefined) return undefined;
  const file = await disk.open(path.join(folder, names.at(-1)!), 'read');
  try {
    const facts = await file.facts();
    return facts.kind === 'file' && facts.size === size ? await sha256Of(file, isOver) : undefined;
  } finally {
    await file.close();
  }
}
