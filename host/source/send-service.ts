// The sending half of the host: what the person put down, what is being sent, and what is kept for another day.
// The page names ids only; a path it did not get from a person's hand is never read.

import { createHash, randomBytes } from 'node:crypto';
import path from 'node:path';
import { z } from 'zod';
import type { Handlers } from '../../shared/ipc/calls.ts';
import type { EngineCalls } from '../../shared/ipc/contract.ts';
import type { HostItem, SendRecord } from '../../shared/ipc/views.ts';
import { Fault } from '../../shared/model/fault.ts';
import { isSelectionSound, layOut, totalsOf } from '../../shared/model/layout.ts';
import { type ManifestEntry, nothingToSend, type Selection } from '../../shared/model/manifest.ts';
import { parseManifestEntries } from '../../shared/model/manifest-parse.ts';
import {
  blockBytes,
  historyMaxItems,
  manifestPartMaxBytes,
  thumbnailSourceMaxBytes,
  transfersMaxLive,
} from '../../shared/wire/limits.ts';
import { keepDamaged, namesIn, readJson, removeTemporaries, writeAtomically } from '../disk/atomic-file.ts';
import type { Disk, DiskFile } from '../disk/disk.ts';
import { errnoOf, onDisk } from '../disk/disk-fault.ts';
import { sha256Of } from '../disk/hash-file.ts';
import { type BlockReader, openBlockReader, openChecked, refuseChanged } from './block-reader.ts';
import { type Snapshot, type Walked, walk } from './walk.ts';

type SendCall = Extract<keyof EngineCalls, `send.${string}`>;

export type KeptView = SendRecord & {
  readonly updatedAtMs: number;
  readonly bytesDone: number;
  readonly isLive: boolean;
};

export interface Sending {
  readonly handlers: Pick<Handlers<EngineCalls>, SendCall>;
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

const recordSchema = z.object({
  id: z.string().regex(/^[0-9a-f]{32}$/),
  secret: z.string().regex(/^[0-9a-f]{64}$/),
  title: z.string(),
  peerName: z.string(),
  totals: z.object({ files: z.number(), folders: z.number(), bytes: z.number() }),
  selection: z.union([z.literal('all'), z.array(z.tuple([z.number(), z.number()]))]).optional(),
  updatedAtMs: z.number(),
  /** What the person chose, and the SHA-256 of the list made of it. Absent in records of earlier versions. */
  chosen: z.array(z.string()).optional(),
  listHash: z.string().optional(),
});
type KeptSend = z.infer<typeof recordSchema>;

type List = Pick<Walked, 'entries' | 'snapshots'>;

type Live = List & {
  record: KeptSend;
  reader: BlockReader | undefined;
  blocks: number;
  hashes: DiskFile | undefined;
};

type Opened = Awaited<ReturnType<Handlers<EngineCalls>['send.open']>>;
type ToOpen = {
  readonly transfer: string;
  readonly secret: string;
  readonly ids: readonly string[];
  readonly peerName: string;
};

const hashBytes = 32;

export async function openSending({
  disk,
  dataDir,
}: {
  readonly disk: Disk;
  readonly dataDir: string;
}): Promise<Sending> {
  const folder = path.join(dataDir, 'sends');
  await disk.makeFolders(folder, 0o700);
  await removeTemporaries(disk, folder).catch(() => undefined);
  await removeOrphans(disk, folder).catch(() => undefined);
  const items = new Map<string, HostItem & { readonly full: string }>();
  const live = new Map<string, Live>();
  /** Counted before anything is waited for. */
  const opening = new Set<string>();
  /** Where transfers of this run came from, so that they can be put down again. */
  const origins = new Map<string, readonly string[]>();
  const fileOf = (id: string, kind: 'json' | 'manifest' | 'hashes') => path.join(folder, `${id}.${kind}`);

  function liveOf(id: string): Live {
    const transfer = live.get(id);
    if (transfer === undefined) throw new Fault('transfer-unknown', 'no such transfer');
    return transfer;
  }

  async function readRecord(id: string): Promise<KeptSend | undefined> {
    const raw = await readJson(disk, fileOf(id, 'json'));
    if (raw === undefined) return undefined;
    const parsed = recordSchema.safeParse(raw);
    if (parsed.success) return parsed.data;
    await keepDamaged(disk, fileOf(id, 'json'));
    return undefined;
  }

  async function save(transfer: Live): Promise<void> {
    transfer.record = { ...transfer.record, updatedAtMs: Date.now() };
    await writeAtomically(disk, fileOf(transfer.record.id, 'json'), JSON.stringify(transfer.record));
  }

  async function letGo(transfer: Live): Promise<void> {
    await transfer.reader?.close();
    await transfer.hashes?.close().catch(() => undefined);
    transfer.reader = undefined;
    transfer.hashes = undefined;
  }

  async function forget(id: string): Promise<void> {
    const transfer = live.get(id);
    live.delete(id);
    if (transfer !== undefined) await letGo(transfer);
    for (const kind of ['json', 'manifest', 'hashes'] as const) await disk.removeAll(fileOf(id, kind));
  }

  /** The layout is known once the receiver chose: open the reader and the hashes for it. */
  async function choose(transfer: Live, selection: Selection): Promise<void> {
    await letGo(transfer);
    const layout = layOut(transfer.entries, selection);
    transfer.blocks = layout.blocks;
    transfer.reader = openBlockReader(disk, layout, (index) => transfer.snapshots[index]);
    // They only save reading again.
    transfer.hashes = await openHashes(disk, fileOf(transfer.record.id, 'hashes')).catch(() => undefined);
  }

  async function park(): Promise<void> {
    const open = [...live.values()];
    live.clear();
    await Promise.all(open.map(letGo));
  }

  async function stage(paths: readonly string[]): Promise<HostItem[]> {
    const added: HostItem[] = [];
    for (const full of paths) {
      const found = await disk.factsBehindLinks(full).catch(() => undefined);
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

  async function open({ transfer, secret, ids, peerName }: ToOpen): Promise<Opened> {
    const chosen = ids.map((id) => {
      const item = items.get(id);
      if (item === undefined) throw new Fault('source-missing', 'nobody put this down to be sent');
      return item;
    });
    const walked = await walk(
      disk,
      chosen.map(({ full }) => full),
    );
    if (walked.entries.length === 0) throw nothingToSend(walked.skipped);
    const totals = totalsOf(walked.entries, 'all');
    const title = chosen.length > 1 ? `${chosen[0]!.name} + ${chosen.length - 1}` : chosen[0]!.name;
    const record: KeptSend = {
      ...{ id: transfer, secret, title, peerName, totals, updatedAtMs: Date.now() },
      chosen: chosen.map(({ full }) => full),
      listHash: hashOf(listText(walked)),
    };
    const opened: Live = { record, ...walked, reader: undefined, blocks: 0, hashes: undefined };
    await writeAtomically(disk, fileOf(transfer, 'manifest'), listText(walked));
    await save(opened);
    live.set(transfer, opened);
    for (const id of ids) items.delete(id);
    origins.set(
      transfer,
      chosen.map(({ full }) => full),
    );
    for (const oldest of [...origins.keys()].slice(0, -historyMaxItems)) origins.delete(oldest);
    return { title, totals, skipped: walked.skipped };
  }

  const handlers: Sending['handlers'] = {
    'send.open': async ({ transfer, secret, items: ids, peerName }) => {
      const isKnown = live.has(transfer) || opening.has(transfer);
      if (live.size + opening.size >= transfersMaxLive * 2 || isKnown)
        throw new Fault('bridge-busy', 'too many transfers');
      opening.add(transfer);
      try {
        return await open({ transfer, secret, ids, peerName });
      } finally {
        opening.delete(transfer);
      }
    },
    'send.manifest': ({ transfer, from }) => page(liveOf(transfer).entries, from),
    'send.select': async ({ transfer, selection }) => {
      const opened = liveOf(transfer);
      const chosen = selection as Selection;
      if (!isSelectionSound(chosen)) throw new Fault('transfer-refused', 'the selection is out of order');
      const before = JSON.stringify(opened.record.selection);
      if (before !== undefined && before !== JSON.stringify(chosen)) {
        await onDisk(() => disk.removeAll(fileOf(transfer, 'hashes')));
      }
      await choose(opened, chosen);
      opened.record = {
        ...opened.record,
        selection: chosen === 'all' ? 'all' : chosen.map(([from, to]) => [from, to]),
      };
      await save(opened);
    },
    'send.read': async ({ transfer, block }) => {
      const { reader, blocks, hashes } = liveOf(transfer);
      if (reader === undefined || block >= blocks) throw new Fault('transfer-refused', 'not a block of this transfer');
      const { bytes, faults, isWhole } = await reader.read(block);
      const hash = new Uint8Array(createHash('sha256').update(bytes).digest());
      // Without one a resume reads the block once more, and what is missing in it is known once more.
      if (isWhole) await hashes?.write(hash, block * hashBytes).catch(() => undefined);
      return { bytes, hash, faults };
    },
    'send.picture': async ({ transfer, index, from }) => {
      const snapshot = liveOf(transfer).snapshots[index];
      if (!snapshot || snapshot.size > thumbnailSourceMaxBytes || from > snapshot.size) return null;
      const bytes = new Uint8Array(Math.min(blockBytes, snapshot.size - from));
      return (await readPiece(disk, snapshot, { into: bytes, from })) ? { bytes } : null;
    },
    'send.digests': async ({ transfer, indexes }) => {
      const { snapshots } = liveOf(transfer);
      const digests: (string | null)[] = [];
      for (const index of indexes) {
        const snapshot = snapshots[index];
        digests.push(snapshot ? await digestOf(disk, snapshot) : null);
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
    'send.reopen': async ({ transfer }) => {
      const known = live.get(transfer);
      const opened = known ?? (await openKept(transfer));
      live.set(transfer, opened);
      const { selection } = opened.record;
      if (known === undefined && selection !== undefined) await choose(opened, selection);
      return recordView(opened.record);
    },
    'send.close': async ({ transfer, keep }) => {
      if (!keep) return forget(transfer);
      const opened = live.get(transfer);
      live.delete(transfer);
      if (opened !== undefined) await letGo(opened);
    },
  };

  async function openKept(id: string): Promise<Live> {
    const record = await readRecord(id);
    if (record === undefined) throw new Fault('transfer-unknown', 'nothing is kept of this transfer');
    return { record, ...(await readList(record)), reader: undefined, blocks: 0, hashes: undefined };
  }

  /** A damaged one is made anew. It has to be the very same: the other side holds blocks of that one. */
  async function readList({ id, chosen, listHash }: KeptSend): Promise<List> {
    const text = await disk.readText(fileOf(id, 'manifest')).catch((cause: unknown) => {
      if (errnoOf(cause) === 'ENOENT') return '';
      throw new Fault('data-unreadable', 'the list of a transfer cannot be read', { cause });
    });
    const kept = parseList(text);
    if (kept !== undefined && (listHash === undefined || hashOf(text) === listHash)) return kept;
    const again = chosen === undefined ? undefined : await walk(disk, chosen);
    if (again === undefined || hashOf(listText(again)) !== listHash) {
      throw new Fault('journal-damaged', 'the list of this transfer is damaged');
    }
    await writeAtomically(disk, fileOf(id, 'manifest'), listText(again));
    return again;
  }

  return {
    handlers,
    discard: forget,
    park,
    close: park,
    live: () => live.size > 0,
    staged: () => [...items.values()].map(itemView),
    unstage: (id) => {
      items.delete(id);
    },
    again: (id) => stage(origins.get(id) ?? []),
    stage,
    async kept() {
      const names = (await disk.list(folder).catch(() => [])).map(String);
      const ids = names.filter((name) => /^[0-9a-f]{32}\.json$/.test(name)).map((name) => name.slice(0, 32));
      // One that cannot be read now is not listed now.
      const records = await Promise.all(ids.map((id) => readRecord(id).catch(() => undefined)));
      return Promise.all(
        records
          .filter((record) => record !== undefined)
          .map(async (record) => ({
            ...recordView(record),
            updatedAtMs: record.updatedAtMs,
            isLive: live.has(record.id),
            bytesDone: Math.min(
              record.totals.bytes,
              (await hashedBlocks(disk, fileOf(record.id, 'hashes'))) * blockBytes,
            ),
          })),
      );
    },
  };
}

/** Lists and hashes whose record is gone or damaged. */
async function removeOrphans(disk: Disk, folder: string): Promise<void> {
  const names = new Set(await namesIn(disk, folder));
  for (const name of names) {
    const id = /^([0-9a-f]{32})\.(manifest|hashes)$/.exec(name)?.[1];
    if (id !== undefined && !names.has(`${id}.json`)) await disk.removeAll(path.join(folder, name));
  }
}

function listText({ entries, snapshots }: List): string {
  return JSON.stringify([entries, snapshots]);
}

function parseList(text: string): List | undefined {
  try {
    const [entries, snapshots] = JSON.parse(text) as [List['entries'], List['snapshots']];
    return { entries: parseManifestEntries(entries, 0), snapshots };
  } catch {
    return undefined;
  }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function itemView({ id, name, kind, sizeBytes }: HostItem): HostItem {
  return sizeBytes === undefined ? { id, name, kind } : { id, name, kind, sizeBytes };
}

function recordView({ id, secret, title, peerName, totals, selection }: KeptSend): SendRecord {
  return { id, secret, title, peerName, totals, ...(selection === undefined ? {} : { selection }) };
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

async function openHashes(disk: Disk, file: string): Promise<DiskFile> {
  try {
    return await disk.open(file, 'update');
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    return disk.open(file, 'create');
  }
}

async function hashedBlocks(disk: Disk, file: string): Promise<number> {
  return disk.facts(file).then(
    ({ size }) => Math.floor(size / hashBytes),
    () => 0,
  );
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

async function digestOf(disk: Disk, snapshot: Snapshot): Promise<string | null> {
  try {
    const file = await openChecked(disk, snapshot);
    try {
      const sum = await sha256Of(file);
      await refuseChanged(file, snapshot);
      return sum;
    } finally {
      await file.close();
    }
  } catch {
    return null;
  }
}
