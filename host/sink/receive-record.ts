// What must outlive the process about an incoming transfer: who, what, where to. One JSON file and the manifest beside it.

import path from 'node:path';
import { z } from 'zod';
import { conflictPolicies } from '../../shared/ipc/views.ts';
import { type FaultCode, isFaultCode } from '../../shared/model/fault.ts';
import type { ManifestEntry } from '../../shared/model/manifest.ts';
import { parseManifestEntries } from '../../shared/model/manifest-parse.ts';
import { keepDamaged, readJson, writeAtomically } from '../disk/atomic-file.ts';
import type { Disk } from '../disk/disk.ts';

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
  conflict: z.enum(conflictPolicies),
  updatedAtMs: z.number(),
  /** What the sender could not read. Absent where everything could be. */
  failed: z.array(z.object({ index: z.number(), code: z.string() })).optional(),
  /** Present once everything is in place: the acknowledgement may still be owed. */
  published: z
    .object({
      root: z.string(),
      count: z.number(),
      faults: z.array(z.object({ index: z.number(), code: z.string() })),
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
  forget(id: string): Promise<void>;
}

export function openReceiveRecords(disk: Disk, dataDir: string): ReceiveRecords {
  const folder = path.join(dataDir, 'receives');
  const recordFile = (id: string) => path.join(folder, `${id}.json`);
  const manifestFile = (id: string) => path.join(folder, `${id}.manifest`);

  async function read(id: string): Promise<KeptReceive | undefined> {
    const raw = await readJson(disk, recordFile(id));
    if (raw === undefined) return undefined;
    const parsed = recordSchema.safeParse(raw);
    if (parsed.success) return parsed.data;
    await keepDamaged(disk, recordFile(id));
    return undefined;
  }

  return {
    read,
    async list() {
      const names = (await disk.list(folder).catch(() => [])).map(String);
      const ids = names.filter((name) => /^[0-9a-f]{32}\.json$/.test(name)).map((name) => name.slice(0, 32));
      return (await Promise.all(ids.map(read))).filter((record) => record !== undefined);
    },
    async entries(id) {
      return parseManifestEntries(JSON.parse(await disk.readText(manifestFile(id))), 0);
    },
    saveEntries: (id, entries) => writeAtomically(disk, manifestFile(id), JSON.stringify(entries)),
    save: (record) => writeAtomically(disk, recordFile(record.id), JSON.stringify(record)),
    async forget(id) {
      await disk.removeAll(recordFile(id));
      await disk.removeAll(manifestFile(id));
    },
  };
}

/** What the sender could not read, by index. */
export function failedOf({ failed = [] }: KeptReceive): Map<number, FaultCode> {
  return new Map(failed.map(({ index, code }) => [index, isFaultCode(code) ? code : 'source-unreadable']));
}
