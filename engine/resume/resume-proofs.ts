// Which unfinished transfers both sides still have, proven to the same peer and told to nobody else: each side says hashes
// that nobody can make, or recognise, without the transfer's secret.

import type { CallOutput } from '../../shared/ipc/calls.ts';
import type { EngineCalls } from '../../shared/ipc/contract.ts';
import { sha256, toHex } from '../../shared/model/bytes.ts';
import type { Direction } from '../../shared/model/transfer.ts';
import { resumeClaimsMax } from '../../shared/wire/limits.ts';
import type { Disk } from '../ports.ts';

type Kept = CallOutput<EngineCalls, 'unfinished.claims'>;

export async function claimsFor(disk: Disk, binding: Uint8Array): Promise<string[]> {
  const kept = await keptBy(disk);
  return Promise.all(kept.map(({ secret, direction }) => claimOf(secret, binding, direction)));
}

/** Those of ours that the other side has the other half of. */
export async function matching(disk: Disk, binding: Uint8Array, theirs: readonly string[]): Promise<Kept> {
  const matched: Kept[number][] = [];
  for (const kept of await keptBy(disk)) {
    const other = kept.direction === 'send' ? 'receive' : 'send';
    if (theirs.includes(await claimOf(kept.secret, binding, other))) matched.push(kept);
  }
  return matched;
}

async function keptBy(disk: Disk): Promise<Kept> {
  return (await disk.claims().catch(() => [])).slice(0, resumeClaimsMax);
}

/** Nobody can tell a claim from noise without the secret, nor use it on another link. */
async function claimOf(secret: string, binding: Uint8Array, direction: Direction): Promise<string> {
  return toHex(await sha256(new TextEncoder().encode(`tincan/resume/1|${secret}|${toHex(binding)}|${direction}`)));
}
