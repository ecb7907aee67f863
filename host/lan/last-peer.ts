// The remembered computer that this one is linked with, kept so that both find each other again when both start again at once:
// then no page is left that knows of the link. It is forgotten when somebody ends the link.

import path from 'node:path';
import { z } from 'zod';
import type { Disk } from '../disk/disk.ts';
import { JsonFile } from '../disk/json-file.ts';

const contentSchema = z.strictObject({ id: z.string().max(64).nullable() });

export interface LastPeer {
  id(): string | undefined;
  set(id: string | undefined): Promise<void>;
  /** Resolves once nothing is being written any more, well or not. */
  idle(): Promise<void>;
}

export async function openLastPeer(disk: Disk, dataDir: string): Promise<LastPeer> {
  const file = await JsonFile.open<z.infer<typeof contentSchema>>({
    disk,
    file: path.join(dataDir, 'last-peer.json'),
    empty: { id: null },
    parse: (raw) => contentSchema.safeParse(raw).data,
    format: (content) => `${JSON.stringify(content)}\n`,
  });
  /**
   * What the newest call asked for: the file may still be busy with an older one. Nothing where that could not be stored, and where
   * nobody knows what the file says.
   */
  let asked = await file.load().then(
    ({ id }): string | null | undefined => id,
    () => undefined,
  );
  return {
    id: () => file.content.id ?? undefined,
    async set(id) {
      const next = id ?? null;
      if (next === asked) return;
      asked = next;
      try {
        await file.change(() => ({ id: next }));
      } catch (error) {
        asked = undefined;
        throw error;
      }
    },
    idle: () => file.idle(),
  };
}
