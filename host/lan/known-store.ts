// The computers that were remembered, in one private file. Where the system has a keychain, what is secret in it can only
// be read through that. A damaged file is renamed, not destroyed. A file that the keychain does not open is not damaged: it
// stays, is not written over, and is tried again. Secrets never leave the host.

import path from 'node:path';
import { z } from 'zod';
import { Fault } from '../../shared/model/fault.ts';
import { knownAddressesMax, knownPeersMax } from '../../shared/wire/limits.ts';
import { keepDamaged, readJson, writeAtomically } from '../disk/atomic-file.ts';
import type { Disk } from '../disk/disk.ts';

/** The system's keychain, as far as a shell has one. */
export interface SecretBox {
  /** Text that only this account on this computer can open again. Nothing where the system has no keychain. */
  seal(plain: string): Promise<string | undefined>;
  /** Fails while the keychain is locked or missing. */
  open(sealed: string): Promise<string>;
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
  /** None while the keychain is locked. */
  all(): readonly KnownPeer[];
  isLocked(): boolean;
  /** Tries a locked keychain again. True when that opened it. */
  unlock(): Promise<boolean>;
  /** Throws a Fault `keychain-locked` rather than write over what cannot be read, or write secrets in the open. */
  write(peers: readonly KnownPeer[]): Promise<void>;
  /** Resolves once nothing is being written any more, well or not. */
  idle(): Promise<void>;
}

type Kept =
  | { readonly at: 'open'; readonly peers: readonly KnownPeer[]; readonly wasSealed: boolean }
  | { readonly at: 'locked'; readonly sealed: string };

export async function openKnownStore(disk: Disk, dataDir: string, box: SecretBox | undefined): Promise<KnownStore> {
  const file = path.join(dataDir, 'known-computers.json');
  let kept = await readKept(disk, file, box);
  let writing: Promise<void> = Promise.resolve();

  async function unlock(): Promise<boolean> {
    if (kept.at === 'open') return false;
    const opened = await openSealed(disk, file, box, kept.sealed);
    if (kept.at === 'locked') kept = opened;
    return opened.at === 'open';
  }

  async function seal(text: string, mustSeal: boolean): Promise<string | undefined> {
    const sealed = await box?.seal(text);
    if (sealed === undefined && mustSeal) throw locked();
    return sealed;
  }

  return {
    all: () => (kept.at === 'open' ? kept.peers : []),
    isLocked: () => kept.at === 'locked',
    unlock,
    async write(peers) {
      if (kept.at === 'locked') throw locked();
      const { wasSealed } = kept;
      kept = { at: 'open', peers, wasSealed };
      writing = writing
        .catch(() => undefined)
        .then(async () => {
          const sealed = await seal(JSON.stringify(peers), wasSealed);
          const content = sealed === undefined ? { version: 1, peers } : { version: 1, sealed };
          await writeAtomically(disk, file, `${JSON.stringify(content)}\n`);
        });
      return writing;
    },
    idle: () => writing.catch(() => undefined),
  };
}

async function readKept(disk: Disk, file: string, box: SecretBox | undefined): Promise<Kept> {
  const content = await readJson(disk, file);
  if (content === undefined) return { at: 'open', peers: [], wasSealed: false };
  const read = fileSchema.safeParse(content);
  if (!read.success) return afterDamage(disk, file);
  if ('peers' in read.data) return { at: 'open', peers: read.data.peers, wasSealed: false };
  return openSealed(disk, file, box, read.data.sealed);
}

async function openSealed(disk: Disk, file: string, box: SecretBox | undefined, sealed: string): Promise<Kept> {
  let plain: string | undefined;
  try {
    plain = await box?.open(sealed);
  } catch {
    return { at: 'locked', sealed };
  }
  if (plain === undefined) return { at: 'locked', sealed };
  try {
    return { at: 'open', peers: peersSchema.parse(JSON.parse(plain)), wasSealed: true };
  } catch {
    return afterDamage(disk, file);
  }
}

async function afterDamage(disk: Disk, file: string): Promise<Kept> {
  await keepDamaged(disk, file);
  return { at: 'open', peers: [], wasSealed: false };
}

function locked(): Fault {
  return new Fault('keychain-locked', 'the keychain does not open the remembered computers');
}
