// The computers that were remembered, in one private file. Where the system has a keychain, what is secret in it can only
// be read through that. A file that cannot be read is renamed, not destroyed. Secrets never leave the host.

import path from 'node:path';
import { z } from 'zod';
import { knownAddressesMax, knownPeersMax } from '../../shared/wire/limits.ts';
import { keepDamaged, readJson, writeAtomically } from '../disk/atomic-file.ts';
import type { Disk } from '../disk/disk.ts';

/** The system's keychain, as far as a shell has one. */
export interface SecretBox {
  /** Text that only this account on this computer can open again. */
  seal(plain: string): string;
  open(sealed: string): string;
}

const knownPeer = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{16}$/),
  /** Of the pair, in hex. */
  secret: z.string().regex(/^[0-9a-f]{64}$/),
  side: z.enum(['inviter', 'replier']),
  /** As the person calls it; what a peer sends is shorter, a number that tells it from another may follow. */
  name: z.string().max(300),
  addresses: z.array(z.string().max(45)).max(knownAddressesMax),
  seenAtMs: z.number(),
  blocked: z.boolean(),
});
export type KnownPeer = z.infer<typeof knownPeer>;

const peersSchema = z.array(knownPeer).max(knownPeersMax);
const fileSchema = z.union([
  z.strictObject({ version: z.literal(1), sealed: z.string() }),
  z.strictObject({ version: z.literal(1), peers: peersSchema }),
]);

export interface KnownStore {
  all(): readonly KnownPeer[];
  write(peers: readonly KnownPeer[]): Promise<void>;
  /** Resolves once nothing is being written any more, well or not. */
  idle(): Promise<void>;
}

export async function openKnownStore(
  disk: Disk,
  dataDir: string,
  box: () => SecretBox | undefined,
): Promise<KnownStore> {
  const file = path.join(dataDir, 'known-computers.json');
  let peers = await readPeers(disk, file, box);
  let writing: Promise<void> = Promise.resolve();

  return {
    all: () => peers,
    write(next) {
      peers = next;
      const text = JSON.stringify(peers);
      const sealed = box()?.seal(text);
      const content = sealed === undefined ? { version: 1, peers } : { version: 1, sealed };
      writing = writing.catch(() => undefined).then(() => writeAtomically(disk, file, `${JSON.stringify(content)}\n`));
      return writing;
    },
    idle: () => writing.catch(() => undefined),
  };
}

async function readPeers(disk: Disk, file: string, box: () => SecretBox | undefined): Promise<readonly KnownPeer[]> {
  const kept = await readJson(disk, file);
  if (kept === undefined) return [];
  try {
    const read = fileSchema.parse(kept);
    return 'peers' in read ? read.peers : peersSchema.parse(JSON.parse(box()?.open(read.sealed) ?? ''));
  } catch {
    await keepDamaged(disk, file);
    return [];
  }
}
