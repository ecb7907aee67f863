// The sending half of the host: what the person put down, what is being sent, and what is kept for another day.
// The page names ids only; a path it did not get from a person's hand is never read.

import { createHash, randomBytes } from 'node:crypto';
import path from 'node:path';
import type { Handlers } from '../../shared/ipc/calls.ts';
import type { EngineCalls } from '../../shared/ipc/contract.ts';
import type { HostItem, SendRecord } from '../../shared/ipc/views.ts';
import { atOnce } from '../../shared/model/at-once.ts';
import { hashBytes } from '../../shared/model/bytes.ts';
import { Fault } from '../../shared/model/fault.ts';
import { isSelectionSound, layOut, totalsOf } from '../../shared/model/layout.ts';
import { type ManifestEntry, nothingToSend, type Selection } from '../../shared/model/manifest.ts';
import {
  blockBytes,
  historyMaxItems,
  manifestMaxEntries,
  manifestPartMaxBytes,
  stagedAtOnce,
  thumbnailSourceMaxBytes,
  transfersMaxLive,
} from '../../shared/wire/limits.ts';
import type { BlockMemory } from '../block-memory.ts';
import type { Disk, DiskFile, FileFacts } from '../disk/disk.ts';
import { sha256Of } from '../disk/hash-file.ts';
import {
  type BlockRead,
  type BlockReader,
  openBlockReader,
  openChecked,
  refuseChanged,
  type TakeMemory,
} from './block-reader.ts';
import { type KeptSend, openKeptSends, type SourceList } from './kept-sends.ts';
import { type Snapshot, walk } from './walk.ts';

type SendCall = Extract<keyof EngineCalls, `send.${string}`>;

export type KeptView = SendRecord & {
  readonly updatedAtMs: number;
  readonly bytesDone: number;
  readonly isLive: boolean;
};

export type ReadBlock = Omit<BlockRead, 'isWhole'> & { readonly hash: Uint8Array<ArrayBuffer> };

export interface Sending {
  readonly handlers: Pick<Handlers<EngineCalls>, SendCall>;
  /**
   * The same as `send.read`, into the memory of blocks where that is possible. What it returns reads for the attempt that is under way
   * now: it finds the transfer put away once another one has begun.
   */
  reads(transfer: string): (block: number) => Promise<ReadBlock>;
  /** Refuses more than may be sent at once. */
  stage(paths: readonly string[]): Promise<readonly HostItem[]>;
  staged(): readonly HostItem[];
  unstage(id: string): void;
  /** Once more what went into a transfer of this run; nothing where it is not known. */
  again(transfer: string): Promise<readonly HostItem[]>;
  /** Everything that is kept, what is under way included. */
  kept(): Promise<readonly KeptView[]>;
  discard(id: string): Promise<void>;
  live(): boolean;
  park(): Promise<void>;
  close(): Promise<void>;
}

type Live = SourceList & {
  record: KeptSend;
  reader: BlockReader | undefined;
  blocks: number;
  hashes: DiskFile | undefined;
  /** One after the other, up to what the record says of it: each opens a reader, and only one is there to be closed. */
  choosing: Promise<unknown>;
  /** Of the record. */
  saving: Promise<unknown>;
  /** Put away: nothing of it is opened any more. */
  isOver: boolean;
};

type StagedItem = HostItem & { readonly full: string };
type Opened = Awaited<ReturnType<Handlers<EngineCalls>['send.open']>>;
type ToOpen = {
  readonly transfer: string;
  readonly secret: string;
  readonly chosen: readonly StagedItem[];
  readonly peerName: string;
};

export type SendingOptions = {
  readonly disk: Disk;
  readonly dataDir: string;
  /** For blocks that never leave the host. */
  readonly memory: BlockMemory;
};

export async function openSending({ disk, dataDir, memory }: SendingOptions): Promise<Sending> {
  const keptSends = await openKeptSends(disk, path.join(dataDir, 'sends'));
  const items = new Map<string, StagedItem>();
  const live = new Map<string, Live>();
  /** Counted before anything is waited for. */
  const opening = new Set<string>();
  const reopening = new Map<string, { readonly signal: AbortSignal; readonly opened: Promise<Live> }>();
  /** Being thrown away: nobody takes it up meanwhile. */
  const forgetting = new Map<string, Promise<void>>();
  /** Ends with the page: what is still being opened then is for nobody. */
  let session = new AbortController();
  /** Announced, but the disk refused them: they are written once it takes them, and known until then. */
  const unwrittenRoots = new Map<string, string>();
  /** What transfers of this run came from, so that it can be put down again, also where they could not be opened. */
  const origins = new Map<string, readonly StagedItem[]>();

  function liveOf(id: string): Live {
    const transfer = live.get(id);
    if (transfer === undefined) throw new Fault('transfer-unknown', 'no such transfer');
    return transfer;
  }

  async function letGo(transfer: Live): Promise<void> {
    transfer.isOver = true;
    await Promise.all([transfer.choosing, transfer.saving]);
    await closeReader(transfer);
  }

  async function closeReader(transfer: Live): Promise<void> {
    await transfer.reader?.close();
    await transfer.hashes?.close().catch(() => undefined);
    transfer.reader = undefined;
    transfer.hashes = undefined;
  }

  function forget(id: string): Promise<void> {
    const under = forgetting.get(id) ?? forgetNow(id).finally(() => forgetting.delete(id));
    forgetting.set(id, under);
    return under;
  }

  async function forgetNow(id: string): Promise<void> {
    // It would come after, and belong to nobody.
    await reopening.get(id)?.opened.catch(() => undefined);
    const transfer = live.get(id);
    live.delete(id);
    if (transfer !== undefined) await letGo(transfer);
    unwrittenRoots.delete(id);
    await keptSends.remove(id);
  }

  function choose(transfer: Live, selection: Selection): Promise<void> {
    const choosing = transfer.choosing.then(() => chooseAndKeep(transfer, selection));
    transfer.choosing = choosing.catch(() => undefined);
    return choosing;
  }

  async function chooseAndKeep(transfer: Live, selection: Selection): Promise<void> {
    const { id, selection: before } = transfer.record;
    if (before !== undefined && JSON.stringify(before) !== JSON.stringify(selection)) {
      await keptSends.forgetHashes(id);
      delete transfer.record.root;
      unwrittenRoots.delete(id);
    }
    await chooseNow(transfer, selection);
    await update(transfer, { selection: selection === 'all' ? 'all' : selection.map(([from, to]) => [from, to]) });
  }

  /** The layout is known once the receiver chose: open the reader and the hashes for it. */
  async function chooseNow(transfer: Live, selection: Selection): Promise<void> {
    await closeReader(transfer);
    if (transfer.isOver) throw new Fault('transfer-unknown', 'this transfer was put away');
    const layout = layOut(transfer.entries, selection);
    transfer.blocks = layout.blocks;
    transfer.reader = openBlockReader(disk, layout, (index) => transfer.snapshots[index]);
    // They only save reading again.
    transfer.hashes = await keptSends.openHashes(transfer.record.id).catch(() => undefined);
  }

  /** One after the other, each from what the one before left: two at once would lose what one of them says. */
  function update(transfer: Live, change: Partial<KeptSend>): Promise<void> {
    const saving = transfer.saving.then(async () => {
      transfer.record = await keptSends.save({ ...transfer.record, ...change });
    });
    transfer.saving = saving.catch(() => undefined);
    return saving;
  }

  async function keepRoot(transfer: Live, root: string): Promise<void> {
    const { id } = transfer.record;
    unwrittenRoots.set(id, root);
    await update(transfer, { root });
    // Another one may wait to be written meanwhile.
    if (unwrittenRoots.get(id) === root) unwrittenRoots.delete(id);
  }

  async function park(): Promise<void> {
    session.abort();
    session = new AbortController();
    const open = [...live.values()];
    live.clear();
    await Promise.all(open.map(letGo));
  }

  async function stage(paths: readonly string[]): Promise<HostItem[]> {
    // Some of them may have been cut off on their way here: a part must not look like the whole.
    if (paths.length > manifestMaxEntries) throw new Fault('manifest-too-large', 'too many files at once');
    const added: HostItem[] = [];
    const facts = new Map<string, FileFacts>();
    await atOnce(stagedAtOnce, paths, async (full) => {
      const found = await disk.factsBehindLinks(full).catch(() => undefined);
      if (found !== undefined) facts.set(full, found);
    });
    for (const full of paths) {
      const found = facts.get(full);
      if (found === undefined || !(found.kind === 'file' || found.kind === 'folder')) continue;
      const id = randomBytes(12).toString('hex');
      const name = path.basename(full) || full;
      const item =
        found.kind === 'file'
          ? ({ id, name, kind: 'file', sizeBytes: found.size, full: path.resolve(full) } as const)
          : ({ id, name, kind: 'folder', full: path.resolve(full) } as const);
      items.set(id, item);
      added.push(itemView(item));
    }
    return added;
  }

  function refuseMore(): void {
    if (live.size + opening.size + reopening.size >= transfersMaxLive * 2)
      throw new Fault('bridge-busy', 'too many transfers');
  }

  function choiceOf(transfer: string, ids: readonly string[]): readonly StagedItem[] {
    const chosen = ids.map((id) => {
      const item = items.get(id);
      if (item === undefined) throw new Fault('source-missing', 'nobody put this down to be sent');
      return item;
    });
    origins.set(transfer, chosen);
    for (const oldest of [...origins.keys()].slice(0, -historyMaxItems)) origins.delete(oldest);
    return chosen;
  }

  function again(transfer: string): Promise<HostItem[]> {
    const chosen = origins.get(transfer) ?? [];
    // Still there where it could not be opened.
    for (const { id } of chosen) items.delete(id);
    return stage(chosen.map(({ full }) => full));
  }

  async function open({ transfer, secret, chosen, peerName }: ToOpen): Promise<Opened> {
    const { signal } = session;
    const walked = await walk(
      disk,
      chosen.map(({ full }) => full),
    );
    if (walked.entries.length === 0) throw nothingToSend(walked.skipped);
    const totals = totalsOf(walked.entries, 'all');
    const title = chosen.length > 1 ? `${chosen[0]!.name} + ${chosen.length - 1}` : chosen[0]!.name;
    const record = await keptSends.add(
      { id: transfer, secret, title, peerName, totals, chosen: chosen.map(({ full }) => full) },
      walked,
    );
    if (signal.aborted) {
      // Nobody was offered it.
      await keptSends.remove(transfer);
      throw pageGone();
    }
    live.set(transfer, notChosen(record, walked));
    for (const { id } of chosen) items.delete(id);
    return { title, totals, skipped: walked.skipped, skippedCount: walked.skippedCount };
  }

  async function reopen(id: string, signal: AbortSignal): Promise<Live> {
    const { record, ...list } = await keptSends.open(id);
    const opened = notChosen(record, list);
    if (record.selection !== undefined) await chooseNow(opened, record.selection);
    const root = unwrittenRoots.get(id);
    if (root !== undefined) {
      opened.record = { ...record, root };
      await keepRoot(opened, root).catch(() => undefined);
    }
    if (signal.aborted) {
      await letGo(opened);
      throw pageGone();
    }
    live.set(id, opened);
    return opened;
  }

  /** Asked twice, it is opened once: a second reader would belong to nobody. What a page that is gone began is waited for, and not shared. */
  async function reopenOnce(id: string): Promise<Live> {
    if (forgetting.has(id)) throw new Fault('transfer-unknown', 'this transfer is being thrown away');
    const known = live.get(id);
    if (known !== undefined) return known;
    const { signal } = session;
    const under = reopening.get(id);
    if (under?.signal === signal) return under.opened;
    refuseMore();
    const before = under?.opened.catch(() => undefined) ?? Promise.resolve();
    const opened = before
      .then(() => reopen(id, signal))
      .finally(() => {
        if (reopening.get(id)?.signal === signal) reopening.delete(id);
      });
    reopening.set(id, { signal, opened });
    return opened;
  }

  function readsOf(id: string, take: TakeMemory): (block: number) => Promise<ReadBlock> {
    const { reader, blocks, hashes } = liveOf(id);
    return async (block) => {
      if (reader === undefined || block >= blocks) throw new Fault('transfer-refused', 'not a block of this transfer');
      const { bytes, faults, isWhole } = await reader.read(block, take);
      const hash = new Uint8Array(createHash('sha256').update(bytes).digest());
      // Without one a resume reads the block once more, and what is missing in it is known once more.
      if (isWhole) await hashes?.write(hash, block * hashBytes).catch(() => undefined);
      return { bytes, hash, faults };
    };
  }

  const handlers: Sending['handlers'] = {
    'send.open': async ({ transfer, secret, items: ids, peerName }) => {
      if (live.has(transfer) || opening.has(transfer)) throw new Fault('bridge-busy', 'it is open already');
      const chosen = choiceOf(transfer, ids);
      refuseMore();
      opening.add(transfer);
      try {
        return await open({ transfer, secret, chosen, peerName });
      } finally {
        opening.delete(transfer);
      }
    },
    'send.manifest': ({ transfer, from }) => page(liveOf(transfer).entries, from),
    'send.select': async ({ transfer, selection }) => {
      const opened = liveOf(transfer);
      const chosen = selection as Selection;
      if (!isSelectionSound(chosen)) throw new Fault('transfer-refused', 'the selection is out of order');
      await choose(opened, chosen);
    },
    'send.read': async ({ transfer, block }) => {
      const { bytes, ...read } = await readsOf(transfer, allocate)(block);
      return { ...read, bytes: memory.own(bytes) };
    },
    'send.picture': async ({ transfer, index, from }) => {
      const snapshot = liveOf(transfer).snapshots[index];
      if (!snapshot || snapshot.size > thumbnailSourceMaxBytes || from > snapshot.size) return null;
      const bytes = new Uint8Array(Math.min(blockBytes, snapshot.size - from));
      return (await readPiece(disk, snapshot, { into: bytes, from })) ? { bytes } : null;
    },
    'send.digests': async ({ transfer, indexes }) => {
      const opened = liveOf(transfer);
      const digests: (string | null)[] = [];
      for (const index of indexes) {
        const snapshot = opened.snapshots[index];
        digests.push(snapshot ? await digestOf(disk, snapshot, () => opened.isOver) : null);
        // Other questions wait for this one: it ends with its transfer, and not with the last of its files.
        if (opened.isOver) throw new Fault('transfer-unknown', 'this transfer was put away');
      }
      return digests;
    },
    'send.known': async ({ transfer, from, count }) => {
      const hashes = new Uint8Array(count * hashBytes);
      // What cannot be read is not known: its blocks are read once more.
      await liveOf(transfer)
        .hashes?.read(hashes, from * hashBytes)
        .catch(() => hashes.fill(0));
      return { hashes };
    },
    'send.keepRoot': async ({ transfer, root }) => keepRoot(liveOf(transfer), root),
    'send.reopen': async ({ transfer }) => recordView((await reopenOnce(transfer)).record),
    'send.close': async ({ transfer, keep }) => {
      if (!keep) return forget(transfer);
      const opened = live.get(transfer);
      live.delete(transfer);
      if (opened !== undefined) await letGo(opened);
    },
  };

  return {
    handlers,
    reads: (transfer) => readsOf(transfer, memory.take),
    discard: forget,
    park,
    close: park,
    live: () => live.size > 0,
    staged: () => [...items.values()].map(itemView),
    unstage: (id) => {
      items.delete(id);
    },
    again,
    stage,
    async kept() {
      return (await keptSends.all()).map(({ record, hashedBlocks }) => ({
        ...recordView(record),
        updatedAtMs: record.updatedAtMs,
        isLive: live.has(record.id),
        bytesDone: Math.min(record.totals.bytes, hashedBlocks * blockBytes),
      }));
    },
  };
}

function notChosen(record: KeptSend, { entries, snapshots }: SourceList): Live {
  const nothing = { reader: undefined, blocks: 0, hashes: undefined };
  return {
    record,
    entries,
    snapshots,
    ...nothing,
    choosing: Promise.resolve(),
    saving: Promise.resolve(),
    isOver: false,
  };
}

function pageGone(): Fault {
  return new Fault('bridge-closed', 'the page went away meanwhile');
}

const allocate: TakeMemory = (length) => Buffer.allocUnsafeSlow(length);

function itemView({ id, name, kind, sizeBytes }: HostItem): HostItem {
  return sizeBytes === undefined ? { id, name, kind } : { id, name, kind, sizeBytes };
}

function recordView({ id, secret, title, peerName, totals, selection, root }: KeptSend): SendRecord {
  const facts = { id, secret, title, peerName, totals };
  if (selection === undefined) return facts;
  return root === undefined ? { ...facts, selection } : { ...facts, selection, root };
}

/** As many entries as one control message holds. */
function page(entries: readonly ManifestEntry[], from: number): { entries: ManifestEntry[]; next: number | null } {
  const part: ManifestEntry[] = [];
  let bytes = 0;
  for (let at = from; at < entries.length; at += 1) {
    const entry = entries[at]!;
    bytes += Buffer.byteLength(JSON.stringify(entry)) + 1;
    if (part.length > 0 && bytes > manifestPartMaxBytes) return { entries: part, next: at };
    part.push(entry);
  }
  return { entries: part, next: null };
}

/** Of the very file that was chosen. */
async function readPiece(
  disk: Disk,
  snapshot: Snapshot,
  { into, from }: { readonly into: Uint8Array; readonly from: number },
): Promise<boolean> {
  try {
    const file = await openChecked(disk, snapshot);
    try {
      for (let at = 0; at < into.length; ) {
        const count = await file.read(into.subarray(at), from + at);
        if (count === 0) return false;
        at += count;
      }
      await refuseChanged(file, snapshot);
      return true;
    } finally {
      await file.close();
    }
  } catch {
    return false;
  }
}

async function digestOf(disk: Disk, snapshot: Snapshot, isOver: () => boolean): Promise<string | null> {
  try {
    const file = await openChecked(disk, snapshot);
    try {
      const sum = await sha256Of(file, isOver);
      await refuseChanged(file, snapshot);
      return sum;
    } finally {
      await file.close();
    }
  } catch {
    return null;
  }
}
