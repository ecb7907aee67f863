// What was sent and received, newest first, bounded. Where a thing landed stays in here: the page only learns that it can be shown.

import path from 'node:path';
import { z } from 'zod';
import type { HistoryItem } from '../shared/ipc/views.ts';
import { historyMaxItems } from '../shared/wire/limits.ts';
import type { Disk } from './disk/disk.ts';
import { JsonFile } from './disk/json-file.ts';

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
  /** Throws a Fault `data-unreadable` when it is there and cannot be read. */
  list(): Promise<readonly HistoryItem[]>;
  add(item: Omit<KeptItem, 'landedAt'> & { readonly landedAt?: string | undefined }): Promise<void>;
  landedAt(id: string): string | undefined;
  clear(): Promise<void>;
}

export async function openHistory(disk: Disk, dataDir: string): Promise<History> {
  const file = await JsonFile.open<readonly KeptItem[]>({
    disk,
    file: path.join(dataDir, 'history.json'),
    empty: [],
    parse: (raw) => z.array(itemSchema).safeParse(raw).data,
    format: (items) => JSON.stringify(items),
  });

  return {
    list: async () =>
      (await file.load()).map(({ landedAt, ...item }) => ({
        ...withoutEmpty(item),
        canReveal: landedAt !== undefined,
      })),
    landedAt: (id) => file.content.find((item) => item.id === id)?.landedAt,
    async add({ landedAt, ...item }) {
      // What was delivered and not heard of ends a second time on another day; it came once.
      const isTold = ({ id, direction, state }: KeptItem) =>
        id === item.id && direction === item.direction && state === 'done' && item.state === 'done';
      if ((await file.load()).some(isTold)) return;
      const added = { ...item, ...(landedAt === undefined ? {} : { landedAt }) };
      await file.change((items) => (items.some(isTold) ? items : [added, ...items].slice(0, historyMaxItems)));
    },
    async clear() {
      await file.change(() => []);
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
