// What must outlive the process about an incoming transfer: who, what, where to. One JSON file and the manifest beside it.

import path from 'node:path';
import { z } from 'zod';
import { conflictPolicies } from '../../shared/ipc/views.ts';
import { type FaultCode, isFaultCode } from '../../shared/model/fault.ts';
import type { ManifestEntry } from '../../shared/model/manifest.ts';
import { parseManifestEntries } from '../../shared/model/manifest-parse.ts';
import { keepDamaged, namesIn, readJson, removeTemporaries, writeAtomically } from '../disk/atomic-file.ts';
import type { Disk } from '../disk/disk.ts';
import type { FolderPins, StagingNote } from './receive-folders.ts';

const recordSchema = z.object({
  id: z.string().regex(/^[0-9a-f]{32}$/),
  secret: z.string().regex(/^[0-9a-f]{64}$/),
  title: z.string(),
  peerName: z.string(),
  checked: z.boolean(),
  totals: z.object({ files: z.number(), folders: z.number(), bytes: z.number() }),
  wantedBytes: z.number(),
  selection: z.union([z.literal('all'), z.array(z.tuple([z.number(), z.number()]))]),
  manifestDigest: z.string(),
  destination: z.string(),
  staging: z.string(),
  /** What tells the folders from others of their names. Absent in records of earlier versions. */
  pins: z.object({ destination: z.string(), key: z.string() }).optional(),
  conflict: z.enum(conflictPolicies),
  updatedAtMs: z.number(),
  /** What the sender could not read. Absent where everything could be. */
  failed: z.array(z.object({ index: z.number(), code: z.string() })).optional(),
  /** How often the whole of what is held did not match what the sender announced. Absent where it never came to that. */
  mismatches: z.number().optional(),
  /** Thrown away; its staging folder could not be removed yet. */
  discarded: z.literal(true).optional(),
  /** Of one that is published: its staging folder is gone for good, and nothing of it has to be looked for on that disk any more. */
  isCleared: z.literal(true).optional(),
  /** Present once everything is in place: the acknowledgement may still be owed. */
  published: z
    .object({
      root: z.string(),
      count: z.number(),
      faults: z.array(z.object({ index: z.number(), code: z.string(), isFolder: z.literal(true).optional() })),
    })
    .optional(),
});
export type KeptReceive = z.infer<typeof recordSchema>;

export interface ReceiveRecords {
  list(): Promise<KeptReceive[]>;
  read(id: string): Promise<KeptReceive | undefined>;
  entries(id: string): Promise<ManifestEntry[]>;
  saveEntries(id: string, entries: readonly ManifestEntry[]): Promise<void>;
  save(record: KeptReceive): Promise<void>;
  /** Written down before the folder is made, so that it can be found whatever happens to the record. */
  noteStaging(id: string, note: StagingNote): Promise<void>;
  /** One of those before is gone for good. */
  forgetStaging(id: string, staging: string): Promise<void>;
  /** All that were made for this transfer, and may be there. */
  notedStagings(id: string): Promise<readonly Orphan[]>;
  /** Staging folders that belong to other transfers, or may. Nothing where nobody can tell. */
  stagingsOfOthers(id: string): Promise<ReadonlySet<string> | undefined>;
  /** All records, and staging folders whose records are gone or damaged. What cannot be read now is left for a later start. */
  findLeftovers(): Promise<Leftovers>;
  forget(id: string): Promise<void>;
}

export type Leftovers = { readonly records: readonly KeptReceive[]; readonly orphans: readonly Orphan[] };

export type Orphan = {
  readonly id: string;
  readonly destination: string;
  readonly staging: string;
  readonly pins: FolderPins;
};

const madeSchema = z.object({ staging: z.string(), key: z.string(), destination: z.string() });
/** `earlier`: made for the same transfer before, and not known to be gone. */
const stagingNoteSchema = madeSchema.extend({ earlier: z.array(madeSchema).optional() });

export function openReceiveRecords(disk: Disk, dataDir: string): ReceiveRecords {
  const folder = path.join(dataDir, 'receives');
  const recordFile = (id: string) => path.join(folder, `${id}.json`);
  const manifestFile = (id: string) => path.join(folder, `${id}.manifest`);
  const noteFile = (id: string) => path.join(folder, `${id}.staging`);

  async function read(id: string): Promise<KeptReceive | undefined> {
    const raw = await readJson(disk, recordFile(id));
    if (raw === undefined) return undefined;
    const parsed = recordSchema.safeParse(raw);
    if (parsed.success) return parsed.data;
    await keepDamaged(disk, recordFile(id));
    return undefined;
  }

  async function idsOf(kind: 'json' | 'manifest' | 'staging'): Promise<string[]> {
    const names = await namesIn(disk, folder);
    return names.filter((name) => fileOfRecord.exec(name)?.[1] === kind).map((name) => name.slice(0, 32));
  }

  async function list(): Promise<KeptReceive[]> {
    // One that cannot be read now is not listed now.
    const reading = (await idsOf('json')).map((id) => read(id).catch(() => undefined));
    return (await Promise.all(reading)).filter((record) => record !== undefined);
  }

  async function notedStagings(id: string): Promise<Orphan[]> {
    const note = stagingNoteSchema.safeParse(await readJson(disk, noteFile(id)));
    if (!note.success) return [];
    return [note.data, ...(note.data.earlier ?? [])].map(({ key, staging, destination }) => {
      return { id, staging, destination: path.dirname(staging), pins: { key, destination } };
    });
  }

  async function writeNotes(id: string, [note, ...earlier]: readonly StagingNote[]): Promise<void> {
    await writeAtomically(disk, noteFile(id), JSON.stringify(earlier.length === 0 ? note : { ...note, earlier }));
  }

  /**
   * A move to another folder that came to nothing, or left something to be undone, noted one that is in use under another id. Of a record
   * that cannot be read now, any that was noted may be. Nothing where nobody can tell.
   */
  async function usedStagings(
    records: readonly KeptReceive[],
    known: ReadonlySet<string>,
  ): Promise<ReadonlySet<string> | undefined> {
    const used = new Set(records.map(({ staging }) => staging));
    const read = new Set(records.map(({ id }) => id));
    for (const id of known) {
      const noted = read.has(id) ? [] : await notedStagings(id).catch(() => undefined);
      if (noted === undefined) return undefined;
      for (const { staging } of noted) used.add(staging);
    }
    return used;
  }

  /** After a power cut a record without its list would be shown for ever, and nothing could come of it. */
  async function forget(id: string): Promise<void> {
    await disk.removeAll(recordFile(id));
    await disk.syncFolder(folder);
    for (const file of [manifestFile(id), noteFile(id)]) await disk.removeAll(file);
  }

  return {
    read,
    list,
    forget,
    async entries(id) {
      return parseManifestEntries(JSON.parse(await disk.readText(manifestFile(id))), 0);
    },
    saveEntries: (id, entries) => writeAtomically(disk, manifestFile(id), JSON.stringify(entries)),
    save: (record) => writeAtomically(disk, recordFile(record.id), JSON.stringify(record)),
    notedStagings,
    async stagingsOfOthers(id) {
      const others = (await list()).filter((record) => record.id !== id);
      const known = (await idsOf('json')).filter((other) => other !== id);
      return usedStagings(others, new Set(known));
    },
    async noteStaging(id, note) {
      await writeNotes(id, [note, ...(await notedStagings(id)).map(noteOf)]);
    },
    async forgetStaging(id, staging) {
      const left = (await notedStagings(id)).filter((noted) => noted.staging !== staging);
      if (left.length > 0) await writeNotes(id, left.map(noteOf));
    },
    async findLeftovers() {
      await removeTemporaries(disk, folder).catch(() => undefined);
      const records = await list();
      // Those that cannot be read included; damaged ones have another name by now.
      const known = new Set(await idsOf('json'));
      const used = await usedStagings(records, known);
      if (used === undefined) return { records, orphans: [] };
      const orphans: Orphan[] = [];
      const waiting = new Set<string>();
      for (const id of await idsOf('staging')) {
        const inUse = known.has(id) ? records.find((record) => record.id === id)?.staging : undefined;
        if (known.has(id) && inUse === undefined) continue;
        const noted = await notedStagings(id).catch(() => undefined);
        const own = noted?.filter(({ staging }) => !used.has(staging)) ?? [];
        orphans.push(...own);
        if (noted === undefined || noted.some(({ staging }) => staging !== inUse)) waiting.add(id);
      }
      for (const id of await idsOf('manifest'))
        if (!known.has(id) && !waiting.has(id)) await forget(id).catch(() => undefined);
      return { records, orphans };
    },
  };
}

function noteOf({ staging, pins }: Orphan): StagingNote {
  return { staging, ...pins };
}

const fileOfRecord = /^[0-9a-f]{32}\.(json|manifest|staging)$/;

/** What the sender could not read, by index. */
export function failedOf({ failed = [] }: KeptReceive): Map<number, FaultCode> {
  return new Map(failed.map(({ index, code }) => [index, isFaultCode(code) ? code : 'source-unreadable']));
}
