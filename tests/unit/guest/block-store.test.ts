// Blocks in the store of a guest page, without a browser: what is sealed, and how much fits. The browser's own stores are in
// tests/contract/guest-stores.test.ts.

import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { BlockStore } from '../../../guest/store/block-store.ts';
import { openMemoryStore } from '../../../guest/store/memory-store.ts';
import { sealStore } from '../../../guest/store/sealed-store.ts';

/** A memory store whose insides can be looked at and altered. */
function openGlassStore() {
  const inside = openMemoryStore();
  const seen = new Map<number, Uint8Array<ArrayBuffer>>();
  const store: BlockStore = {
    ...inside,
    async open(transfer) {
      const blocks = await inside.open(transfer);
      return {
        ...blocks,
        async write(block, bytes) {
          seen.set(block, bytes);
          await blocks.write(block, bytes);
        },
      };
    },
  };
  return { store, seen };
}

describe('a sealed store', () => {
  it('gives back what was written, and stores none of it readable', async () => {
    const { seen, store } = openGlassStore();
    const blocks = await sealStore(store).open('one');
    const bytes = new Uint8Array(Buffer.from('a secret that is easy to find. '.repeat(100)));
    await blocks.write(7, bytes);
    expect(Buffer.from(await blocks.read(7)).equals(bytes)).toBe(true);
    expect(Buffer.from(seen.get(7)!).includes('secret')).toBe(false);
  });

  it('seals the same bytes otherwise each time', async () => {
    const { seen, store } = openGlassStore();
    const blocks = await sealStore(store).open('one');
    const bytes = new Uint8Array(100);
    await blocks.write(1, bytes);
    const first = Buffer.from(seen.get(1)!);
    await blocks.write(1, bytes);
    expect(first.equals(seen.get(1)!)).toBe(false);
  });

  it('refuses what was altered', async () => {
    const { seen, store } = openGlassStore();
    const blocks = await sealStore(store).open('one');
    await blocks.write(1, new Uint8Array(randomBytes(100)));
    seen.get(1)![50]! ^= 1;
    await expect(blocks.read(1)).rejects.toMatchObject({ code: 'disk-error' });
  });

  it('refuses a block in the place of another, of the same transfer or of another one', async () => {
    const { seen, store } = openGlassStore();
    const sealed = sealStore(store);
    const [one, other] = [await sealed.open('one'), await sealed.open('other')];
    await other.write(2, new Uint8Array(100).fill(2));
    const ofOther = seen.get(2)!.slice();
    await one.write(1, new Uint8Array(100).fill(1));
    await one.write(2, new Uint8Array(100).fill(2));
    const first = seen.get(1)!.slice();
    seen.get(1)!.set(seen.get(2)!);
    await expect(one.read(1)).rejects.toMatchObject({ code: 'disk-error' });
    seen.get(2)!.set(ofOther);
    await expect(one.read(2)).rejects.toMatchObject({ code: 'disk-error' });
    seen.get(1)!.set(first);
    expect(await one.read(1)).toEqual(new Uint8Array(100).fill(1));
  });
});

describe('a store in memory', () => {
  it('is full at its bound, and free again once something is removed', async () => {
    const store = openMemoryStore(100);
    const blocks = await store.open('one');
    await blocks.write(0, new Uint8Array(60));
    await expect(blocks.write(1, new Uint8Array(60))).rejects.toMatchObject({ code: 'disk-full' });
    await blocks.write(0, new Uint8Array(40));
    expect(await store.freeBytes()).toBe(60);
    await blocks.remove();
    expect(await store.freeBytes()).toBe(100);
  });
});
