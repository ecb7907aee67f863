// What was sent and received, newest first, bounded. Where a thing landed stays in here: the page only learns that it can be shown.

import path from 'node:path';
import { z } from 'zod';
import type { HistoryItem } from '../shared/ipc/views.ts';
import { historyMaxItems } from '../shared/wire/limits.ts';
import { keepDamaged, readJson, writeAtomically } from './disk/atomic-file.ts';
import type { Disk } from './disk/disk.ts';

const itemSchema = z.object({
  id: z.string(),
  direction: z.enum(['send', 'receive']),
  title: z.string(),
  peerName: z.string(),
  checked: z.boolean(),
  bytes: z.number(),
  files: z.number(),
  missing: z.number().optional(),
  state: z.enum(['done', 'declined', 'cancelled', 'failed']),
  endedAtMs: z.number(),
  rootHash: z.string().optional(),
  landedAt: z.string().optional(),
});
type KeptItem = z.infer<typeof itemSchema>;

export interface History {
  list(): readonly HistoryItem[];
  add(item: Omit<KeptItem, 'landedAt'> & { readonly landedAt?: string | undefined }): Promise<void>;
  landedAt(id: string): string | undefined;
  clear(): Promise<void>;
}

export async function openHistory(disk: Disk, dataDir: string): Promise<History> {
  const file = path.join(dataDir, 'history.json');
  const kept = z.array(itemSchema).safeParse((await readJson(disk, file)) ?? []);
  if (!kept.success) await keepDamaged(disk, file);
  let items: KeptItem[] = kept.success ? kept.data : [];
  let saving: Promise<void> = Promise.resolve();

  function save(): Promise<void> {
    saving = saving.catch(() => undefined).then(() => writeAtomically(disk, file, JSON.stringify(items)));
    return saving;
  }

  return {
    list: () => items.map(({ landedAt, ...item }) => ({ ...withoutEmpty(item), canReveal: landedAt !== undefined })),
    landedAt: (id) => items.find((item) => item.id === id)?.landedAt,
    async add({ landedAt, ...item }) {
      // What was delivered and not heard of ends a second time on another day; it came once.
      const isTold = ({ id, direction, state }: KeptItem) =>
        id === item.id && direction === item.direction && state === 'done' && item.state === 'done';
      if (items.some(isTold)) return;
      items = [{ ...item, ...(landedAt === undefined ? {} : { landedAt }) }, ...items].slice(0, historyMaxItems);
      await save();
    },
    async clear() {
      items = [];
      await save();
    },
  };
}

function withoutEmpty({ rootHash, missing, ...item }: Omit<KeptItem, 'landedAt'>): Omit<HistoryItem, 'canReveal'> {
  return {
    ...item,
    ...(rootHash === undefined ? {} : { rootHash }),
    ...(missing === undefined ? {} : { missing }),
  };
}
