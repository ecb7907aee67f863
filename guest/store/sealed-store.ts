// Blocks encrypted with a key that lives in this page's memory only: what a browser's disk still holds of them after the page is
// gone, nobody can read. Nobody else can alter one unseen either, or put one in the place of another: in Chromium all pages that are
// opened from disk share one store.

import { Fault } from '../../shared/model/fault.ts';
import type { BlockStore, StoredBlocks } from './block-store.ts';

export function sealStore(store: BlockStore): BlockStore {
  return { ...store, open: async (transfer) => sealBlocks(await store.open(transfer), await makeKey()) };
}

function makeKey(): Promise<CryptoKey> {
  return crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}

/** One key for one transfer. A block is written again only with other chance in front: it may be other bytes. */
function sealBlocks(blocks: StoredBlocks, key: CryptoKey): StoredBlocks {
  /** Where the block belongs is part of the seal. */
  const sealing = (block: number, iv: Uint8Array<ArrayBuffer>) => ({
    name: 'AES-GCM',
    iv,
    additionalData: new Uint32Array([block]),
  });
  return {
    async write(block, bytes) {
      const iv = crypto.getRandomValues(new Uint8Array(ivBytes));
      const sealed = await crypto.subtle.encrypt(sealing(block, iv), key, bytes);
      const whole = new Uint8Array(ivBytes + sealed.byteLength);
      whole.set(iv);
      whole.set(new Uint8Array(sealed), ivBytes);
      await blocks.write(block, whole);
    },
    async read(block) {
      const whole = await blocks.read(block);
      const iv = whole.subarray(0, ivBytes);
      const opened = await crypto.subtle
        .decrypt(sealing(block, iv), key, whole.subarray(ivBytes))
        .catch((cause: unknown) => {
          throw new Fault('disk-error', 'the browser lost what was stored', { cause });
        });
      return new Uint8Array(opened);
    },
    remove: () => blocks.remove(),
  };
}

const ivBytes = 12;
