// The best place for blocks that this browser has.

import type { BlockStore } from './block-store.ts';
import { openIndexedDbStore } from './indexed-db-store.ts';
import { openMemoryStore } from './memory-store.ts';
import { openOpfsStore } from './opfs-store.ts';
import { sealStore } from './sealed-store.ts';

/**
 * Chromium has no OPFS on a page from disk, private windows of Firefox have none either, and a page without a secure context has
 * no encryption to store anything under.
 */
export async function openStore(run: string): Promise<BlockStore> {
  if (!isSecureContext) return openMemoryStore();
  for (const open of [openOpfsStore, openIndexedDbStore]) {
    const store = await open(run).catch(() => undefined);
    if (store !== undefined) return sealStore(store);
  }
  return openMemoryStore();
}
