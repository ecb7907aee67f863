// What is kept of every outgoing transfer so that it can go on another day: its record, the list of its files, and the hashes of
// the blocks that were read. One folder, one record with its two companions for each transfer.

import { createHash } from 'node:crypto';
import path from 'node:path';
import { z } from 'zod';
import { hashBytes } from '../../shared/model/bytes.ts';
import { Fault } from '../../shared/model/fault.ts';
import { parseManifestEntries } from '../../shared/model/manifest-parse.ts';
import { keepDamaged, namesIn, readJson, removeTemporaries, writeAtomically } from '../disk/atomic-file.ts';
import type { Disk, DiskFile } from '../disk/disk.ts';
import { errnoOf, onDisk } from '../disk/disk-fault.ts';
import { type Walked, walk } from './walk.ts';

const recordSchema = z.object({
  id: z.string().regex(/^[0-9a-f]{32}$/),
  secret: z.string().regex(/^[0-9a-f]{64}$/),
  title: z.string(),
  peerName: z.string(),
  totals: z.object({ files: z.number(), folders: z.number(), bytes: z.number() }),
  selection: z.union([z.literal('all'), z.array(z.tuple([z.number(), z.number()]))]).optional(),
  /** The hash over what was chosen, once the receiver was told it. */
  root: z.string().optional(),
  updatedAtMs: z.number(),
  /** What the person chose, and the SHA-256 of the list made of it. Absent in records of earlier versions. */
  chosen: z.array(z.string()).optional(),
  listHash: z.string().optional(),
});
export type KeptSend = z.infer<typeof recordSchema>;
export type SourceList = Pick<Walked, 'entries' | 'snapshots'>;

export interface KeptSends {
  /** A new transfer: what is returned is its record. */
  add(record: Omit<KeptSend, 'updatedAtMs' | 'listHash'>, list: SourceList): Promise<KeptSend>;
  /** Returns the record as it is kept now. */
  save(record: KeptSend): Promise<KeptSend>;
  /** Throws where nothing usable is kept. */
  open(id: string): Promise<{ readonly record: KeptSend } & SourceList>;
  openHashes(id: string): Promise<DiskFile>;
  forgetHashes(id: string): Promise<void>;
  remove(id: string): Promise<void>;
  /** Records with the number of blocks whose hash is known. One that cannot be read now is not listed now. */
  all(): Promise<readonly { readonly record: KeptSend; readonly hashedBlocks: number }[]>;
}

export async function openKeptSends(disk: Disk, folder: string): Promise<KeptSends> {
  await disk.makeFolders(folder, 0o700);
  await removeTemporaries(disk, folder).catch(() => undefined);
  await removeOrphans(disk, folder).catch(() => undefined);
  const fileOf = (id: string, kind: 'json' | 'manifest' | 'hashes') => path.join(folder, `${id}.${kind}`);

  async function save(record: KeptSend): Promise<KeptSend> {
    const kept = { ...record, updatedAtMs: Date.now() };
    await writeAtomically(disk, fileOf(record.id, 'json'), JSON.stringify(kept));
    return kept;
  }

  async function readRecord(id: string): Promise<KeptSend | undefined> {
    const raw = await readJson(disk, fileOf(id, 'json'));
    if (raw === undefined) return undefined;
    const parsed = recordSchema.safeParse(raw);
    if (parsed.success) return parsed.data;
    await keepDamaged(disk, fileOf(id, 'json'));
    return undefined;
  }

  /** A damaged one is made anew. It has to be the very same: the other side holds blocks of that one. */
  async function readList({ id, chosen, listHash }: KeptSend): Promise<SourceList> {
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
    async add(record, list) {
      const text = listText(list);
      await writeAtomically(disk, fileOf(record.id, 'manifest'), text);
      return save({ ...record, listHash: hashOf(text), updatedAtMs: 0 });
    },
    save,
    async open(id) {
      const record = await readRecord(id);
      if (record === undefined) throw new Fault('transfer-unknown', 'nothing is kept of this transfer');
      return { record, ...(await readList(record)) };
    },
    async openHashes(id) {
      try {
        return await disk.open(fileOf(id, 'hashes'), 'update');
      } catch (error) {
        if (errnoOf(error) !== 'ENOENT') throw error;
        return disk.open(fileOf(id, 'hashes'), 'create');
      }
    },
    forgetHashes: (id) => onDisk(() => disk.removeAll(fileOf(id, 'hashes'))),
    async remove(id) {
      await disk.removeAll(fileOf(id, 'json'));
      // Or a power cut would bring it back, perhaps without its list.
      await disk.syncFolder(folder);
      for (const kind of ['manifest', 'hashes'] as const) await disk.removeAll(fileOf(id, kind));
    },
    async all() {
      const names = (await disk.list(folder).catch(() => [])).map(String);
      const ids = names.filter((name) => /^[0-9a-f]{32}\.json$/.test(name)).map((name) => name.slice(0, 32));
      const records = await Promise.all(ids.map((id) => readRecord(id).catch(() => undefined)));
      const hashedBlocks = (id: string) =>
        disk.facts(fileOf(id, 'hashes')).then(
          ({ size }) => Math.floor(size / hashBytes),
          () => 0,
        );
      return Promise.all(
        records
          .filter((record) => record !== undefined)
          .map(async (record) => ({ record, hashedBlocks: await hashedBlocks(record.id) })),
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

function listText({ entries, snapshots }: SourceList): string {
  return JSON.stringify([entries, snapshots]);
}

function parseList(text: string): SourceList | undefined {
  try {
    const [entries, snapshots] = JSON.parse(text) as [SourceList['entries'], SourceList['snapshots']];
    return { entries: parseManifestEntries(entries, 0), snapshots };
  } catch {
    return undefined;
  }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
