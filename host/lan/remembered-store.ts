// The computers that were remembered, in one private file. Where the system has a keychain, what is secret in it can only
// be read through that. A damaged file is renamed, not destroyed. A file that the keychain does not open is not damaged: it
// stays, is not written over, and is tried again. Secrets never leave the host.

import path from 'node:path';
import { z } from 'zod';
import { Fault } from '../../shared/model/fault.ts';
import { rememberedAddressesMax, rememberedPeersMax } from '../../shared/wire/limits.ts';
import { keepDamaged } from '../disk/atomic-file.ts';
import type { Disk } from '../disk/disk.ts';
import { JsonFile } from '../disk/json-file.ts';

/** The system's keychain, as far as a shell has one. */
export interface SecretBox {
  /** Text that only this account on this computer can open again. Nothing where the system has no keychain. */
  seal(plain: string): Promise<string | undefined>;
  /** Fails while the keychain is locked or missing. */
  open(sealed: string): Promise<string>;
}

/** What a newer version noted besides is passed over. */
const rememberedPeer = z.object({
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
  addresses: z.array(z.string().max(45)).max(rememberedAddressesMax),
  seenAtMs: z.number(),
  blocked: z.boolean(),
  /** What comes from it is accepted without asking, up to this size. */
  acceptMaxBytes: z.number().int().positive().optional(),
  /** Where that goes, where it is not the download folder. A person chose it in a dialog. */
  acceptDir: z.string().max(4096).optional(),
});
export type StoredPeer = z.infer<typeof rememberedPeer>;

/** Those that the other side may use, the newest first. */
export function secretsOf({ secret, next }: StoredPeer): readonly string[] {
  return next === undefined ? [secret] : [next, secret];
}

const peersSchema = z.array(rememberedPeer).max(rememberedPeersMax);
const fileSchema = z.union([
  z.object({ version: z.literal(1), sealed: z.string() }),
  z.object({ version: z.literal(1), peers: peersSchema }),
]);

type Content = z.infer<typeof fileSchema>;

export interface RememberedStore {
  /** None while the keychain is locked. */
  all(): readonly StoredPeer[];
  /**
   * The same, each without a `next` that is not on the disk. Once the other side receives that it drops the older secret, and after
   * a restart this side would have only the older one.
   */
  usable(): readonly StoredPeer[];
  isLocked(): boolean;
  /** Tries a locked keychain again. True when that opened it. */
  unlock(): Promise<boolean>;
  /**
   * Changes nothing when they are there and cannot be read: throws a Fault `data-unreadable` for the file and `keychain-locked`
   * for the keychain. What was sealed once is never written in the open.
   */
  write(peers: readonly StoredPeer[]): Promise<void>;
  /** Resolves once nothing is being written any more, well or not. */
  idle(): Promise<void>;
}

type Kept =
  | {
      readonly at: 'open';
      readonly peers: readonly StoredPeer[];
      /** As they are on the disk. */
      readonly written: readonly StoredPeer[];
      readonly wasSealed: boolean;
    }
  | { readonly at: 'locked'; readonly sealed: string };

export async function openRememberedStore(
  disk: Disk,
  dataDir: string,
  box: SecretBox | undefined,
): Promise<RememberedStore> {
  const place = path.join(dataDir, 'known-computers.json');
  const file = await JsonFile.open<Content>({
    disk,
    file: place,
    empty: nobody,
    parse: (raw) => fileSchema.safeParse(raw).data,
    format: (content) => `${JSON.stringify(content)}\n`,
  });
  let kept = await readContent(file.content);
  /** Whoever changes them knows what was there. */
  let isSeen = file.content !== nobody;
  /** There was no file: nobody can write over one that they do not know. */
  let wasNone = false;
  /** One after the other, as they were asked for. */
  let sealing: Promise<unknown> = Promise.resolve();

  async function readContent(content: Content): Promise<Kept> {
    if ('peers' in content) return opened(content.peers, false);
    const { sealed } = content;
    const plain = await box?.open(sealed).catch(() => undefined);
    if (plain === undefined) return { at: 'locked', sealed };
    try {
      return opened(peersSchema.parse(JSON.parse(plain)), true);
    } catch {
      await keepDamaged(disk, place);
      return opened([], false);
    }
  }

  async function format(peers: readonly StoredPeer[], mustSeal: boolean): Promise<Content> {
    const sealed = await box?.seal(JSON.stringify(peers));
    if (sealed !== undefined) return { version: 1, sealed };
    if (mustSeal) throw lockedFault();
    return { version: 1, peers: [...peers] };
  }

  return {
    all: () => (kept.at === 'open' ? kept.peers : []),
    usable: () => (kept.at === 'open' ? usableOf(kept.peers, kept.written) : []),
    isLocked: () => kept.at === 'locked',
    async unlock() {
      if (kept.at === 'open') return false;
      const read = await readContent({ version: 1, sealed: kept.sealed });
      if (kept.at === 'locked') kept = read;
      return kept.at === 'open';
    },
    async write(peers) {
      if (kept.at === 'locked') throw lockedFault();
      const knowsContent = isSeen;
      const { wasSealed } = kept;
      const formatted = sealing.then(() => format(peers, wasSealed));
      sealing = formatted.catch(() => undefined);
      // What is being written counts at once: the next change is made to it.
      kept = { ...kept, peers };
      const content = await formatted;
      try {
        await file.change((now) => {
          wasNone ||= now === nobody;
          // Also the second of two at once: it was made of what the first one made, which knew nothing.
          if (!knowsContent && !wasNone) throw new Fault('data-unreadable', 'they could not be read before');
          return content;
        });
        if (kept.at === 'open') kept = { ...kept, written: peers };
      } catch (error) {
        if (error instanceof Fault && error.code === 'data-unreadable') {
          kept = await readContent(file.content);
          isSeen = file.content !== nobody;
        }
        throw error;
      }
    },
    async idle() {
      // What is being sealed is not with the file yet.
      await sealing;
      await file.idle();
    },
  };
}

function opened(peers: readonly StoredPeer[], wasSealed: boolean): Kept {
  return { at: 'open', peers, written: peers, wasSealed };
}

function usableOf(peers: readonly StoredPeer[], written: readonly StoredPeer[]): StoredPeer[] {
  const onDisk = new Set(written.map(({ next }) => next));
  return peers.map((peer) => {
    const { next, ...usable } = peer;
    return onDisk.has(next) ? peer : usable;
  });
}

const nobody: Content = { version: 1, peers: [] };

function lockedFault(): Fault {
  return new Fault('keychain-locked', 'the keychain does not open the remembered computers');
}
