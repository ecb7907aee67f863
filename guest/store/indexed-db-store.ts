// Blocks as Blobs in IndexedDB: Chromium and Firefox keep Blobs in files, so memory stays small whatever the size. Each page has
// a database of its own. Those of earlier pages are removed when this one starts; one that is still open elsewhere stays until it
// is closed there.

import { Fault } from '../../shared/model/fault.ts';
import { type BlockStore, freeOfQuota, storeFault } from './block-store.ts';

const prefix = 'tincan-guest-';
const table = 'blocks';

/** `run`: the name of this page among all. */
export async function openIndexedDbStore(run: string): Promise<BlockStore> {
  const own = `${prefix}${run}`;
  const earlier = (await indexedDB.databases()).flatMap(({ name }) => (name?.startsWith(prefix) ? [name] : []));
  for (const name of earlier) indexedDB.deleteDatabase(name);
  const database = await openDatabase(own);

  /** A database that the person cleared answers nothing any more. */
  const waiting = new Set<(error: unknown) => void>();
  let isCleared = false;
  database.onclose = () => {
    isCleared = true;
    for (const reject of waiting) reject(cleared());
  };

  async function inTable<T>(mode: IDBTransactionMode, work: (blocks: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    if (isCleared) throw cleared();
    const { promise, reject, resolve } = Promise.withResolvers<T>();
    waiting.add(reject);
    try {
      const transaction = database.transaction(table, mode, { durability: 'relaxed' });
      const request = work(transaction.objectStore(table));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error ?? request.error);
      return await promise;
    } catch (error) {
      throw storeFault(error);
    } finally {
      waiting.delete(reject);
    }
  }

  return {
    kind: 'indexed-db',
    freeBytes: freeOfQuota,
    open: async (transfer) => ({
      async write(block, bytes) {
        await inTable('readwrite', (blocks) => blocks.put(new Blob([bytes]), [transfer, block]));
      },
      async read(block) {
        const found = await inTable<unknown>('readonly', (blocks) => blocks.get([transfer, block]));
        if (!(found instanceof Blob)) throw new Fault('disk-error', 'this block is not held');
        try {
          return new Uint8Array(await found.arrayBuffer());
        } catch (error) {
          throw storeFault(error);
        }
      },
      async remove() {
        const all = IDBKeyRange.bound([transfer], [transfer, []]);
        await inTable('readwrite', (blocks) => blocks.delete(all));
      },
    }),
  };
}

function cleared(): Fault {
  return new Fault('disk-error', 'what the browser stored was cleared');
}

function openDatabase(name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(table);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(storeFault(request.error));
  });
}
