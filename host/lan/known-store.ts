// The computers that were remembered, in one private file. Where the system has a keychain, what is secret in it can only
// be read through that. A damaged file is renamed, not destroyed. Secrets never leave the host.

import path from 'node:path';
import { z } from 'zod';
import { Fault } from '../../shared/model/fault.ts';
import { knownAddressesMax, knownPeersMax } from '../../shared/wire/limits.ts';
import type { Disk } from '../disk/disk.ts';
import { JsonFile } from '../disk/json-file.ts';

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
  /** Made at the last meeting, and not used yet: the other side may not have it. The first use makes it the secret. */
  next: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  side: z.enum(['inviter', 'replier']),
  /** As the person calls it; what a peer sends is shorter, a number that tells it from another may follow. */
  name: z.string().max(300),
  addresses: z.array(z.string().max(45)).max(knownAddressesMax),
  seenAtMs: z.number(),
  blocked: z.boolean(),
});
export type KnownPeer = z.infer<typeof knownPeer>;

/** Those that the other side may use, the newest first. */
export function secretsOf({ secret, next }: KnownPeer): readonly string[] {
  return next === undefined ? [secret] : [next, secret];
}

const peersSchema = z.array(knownPeer).max(knownPeersMax);
const fileSchema = z.union([
  z.strictObject({ version: z.literal(1), sealed: z.string() }),
  z.strictObject({ version: z.literal(1), peers: peersSchema }),
]);

export interface KnownStore {
  all(): readonly KnownPeer[];
  /** Throws a Fault `data-unreadable`, and changes nothing, when they are there and cannot be read. */
  write(peers: readonly KnownPeer[]): Promise<void>;
  /** Resolves once nothing is being written any more, well or not. */
  idle(): Promise<void>;
}

export async function openKnownStore(
  disk: Disk,
  dataDir: string,
  box: () => SecretBox | undefined,
): Promise<KnownStore> {
  const file = await JsonFile.open<readonly KnownPeer[]>({
    disk,
    file: path.join(dataDir, 'known-computers.json'),
    empty: nobody,
    parse: (raw) => readPeers(raw, box),
    format(peers) {
      const sealed = box()?.seal(JSON.stringify(peers));
      return `${JSON.stringify(sealed === undefined ? { version: 1, peers } : { version: 1, sealed })}\n`;
    },
  });

  /** What is being written counts at once: the next change is made to it. */
  let latest: readonly KnownPeer[] | undefined;
  const all = () => latest ?? file.content;

  return {
    all,
    async write(next) {
      const basis = all();
      latest = next;
      try {
        await file.change((now) => {
          // They could not be read until now: whoever changes them has not seen them.
          if (basis === nobody && now.length > 0) throw new Fault('data-unreadable', 'they could not be read before');
          return next;
        });
      } catch (error) {
        if (error instanceof Fault && error.code === 'data-unreadable') latest = undefined;
        throw error;
      }
    },
    idle: () => file.idle(),
  };
}

const nobody: readonly KnownPeer[] = [];

function readPeers(kept: unknown, box: () => SecretBox | undefined): readonly KnownPeer[] | undefined {
  try {
    const read = fileSchema.parse(kept);
    return 'peers' in read ? read.peers : peersSchema.parse(JSON.parse(box()?.open(read.sealed) ?? ''));
  } catch {
    return undefined;
  }
}
