// What was sent and received, and notes where they are kept, newest first, bounded. Where a thing landed stays in here: the page only learns that it can be shown.

import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { z } from 'zod';
import type { HistoryItem } from '../shared/ipc/views.ts';
import {
  historyMaxItems,
  historyNotesMax,
  historyNotesMaxChars,
  historyNotReceivedMax,
} from '../shared/wire/limits.ts';
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
  missingFolders: z.number().optional(),
  state: z.enum(['done', 'declined', 'cancelled', 'failed']),
  endedAtMs: z.number(),
  rootHash: z.string().optional(),
  landedAt: z.string().optional(),
  note: z.string().optional(),
});
type KeptItem = z.infer<typeof itemSchema>;

export interface History {
  /** Throws a Fault `data-unreadable` when it is there and cannot be read. */
  list(): Promise<readonly HistoryItem[]>;
  add(item: Omit<KeptItem, 'landedAt'> & { readonly landedAt?: string | undefined }): Promise<void>;
  addNotes(peerName: string, notes: readonly { readonly text: string; readonly fromPeer: boolean }[]): Promise<void>;
  landedAt(id: string): string | undefined;
  isReceived(id: string): boolean;
  clear(): Promise<void>;
  /** Resolves once nothing is being written any more, well or not. */
  idle(): Promise<void>;
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
    isReceived: (id) =>
      file.content.some((item) => item.id === id && item.direction === 'receive' && item.state === 'done'),
    async add({ landedAt, ...item }) {
      // What was delivered and not heard of ends a second time on another day; it came once.
      const isSame = ({ id, direction }: KeptItem) => id === item.id && direction === item.direction;
      const isTold = (kept: KeptItem) => isSame(kept) && kept.state === 'done' && item.state === 'done';
      // What stopped goes on later, and is over only then.
      const isStop = (kept: KeptItem) => isSame(kept) && kept.state === 'failed';
      if ((await file.load()).some(isTold)) return;
      const added = { ...item, ...(landedAt === undefined ? {} : { landedAt }) };
      await file.change((items) =>
        items.some(isTold) ? items : bounded([added, ...items.filter((kept) => !isStop(kept))]),
      );
    },
    async addNotes(peerName, notes) {
      const added = notes.map(({ text, fromPeer }): KeptItem => {
        const direction = fromPeer ? 'receive' : 'send';
        const none = { title: '', checked: false, bytes: 0, files: 0 };
        return { id: randomUUID(), direction, peerName, ...none, state: 'done', endedAtMs: Date.now(), note: text };
      });
      await file.change((items) => bounded([...added.reverse(), ...items]));
    },
    async clear() {
      await file.change(() => []);
    },
    idle: () => file.idle(),
  };
}

/** The newest. Notes, and what others offered and did not arrive, leave earlier than what was sent and received. */
function bounded(items: readonly KeptItem[]): readonly KeptItem[] {
  let notes = 0;
  let chars = 0;
  let notReceived = 0;
  const kept = items.filter(({ direction, note, state }) => {
    if (note === undefined) return direction === 'send' || state === 'done' || ++notReceived <= historyNotReceivedMax;
    notes += 1;
    chars += note.length;
    return notes <= historyNotesMax && chars <= historyNotesMaxChars;
  });
  return kept.slice(0, historyMaxItems);
}

function withoutEmpty({
  rootHash,
  missing,
  missingFolders,
  note,
  ...item
}: Omit<KeptItem, 'landedAt'>): Omit<HistoryItem, 'canReveal'> {
  return {
    ...item,
    ...(note === undefined ? {} : { note }),
    ...(rootHash === undefined ? {} : { rootHash }),
    ...(missing === undefined ? {} : { missing }),
    ...(missingFolders === undefined ? {} : { missingFolders }),
  };
}
