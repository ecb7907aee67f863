// Runs the stores of a guest page where they run: in a Worker of a real browser. Answers each order with what came of it.

import { Incoming } from '../../../guest/incoming.ts';
import { receivedEntries } from '../../../guest/received.ts';
import { saveToFolder } from '../../../guest/save/save-to-folder.ts';
import type { BlockStore } from '../../../guest/store/block-store.ts';
import { openIndexedDbStore } from '../../../guest/store/indexed-db-store.ts';
import { openMemoryStore } from '../../../guest/store/memory-store.ts';
import { openOpfsStore } from '../../../guest/store/opfs-store.ts';
import { sealStore } from '../../../guest/store/sealed-store.ts';
import { toFaultView } from '../../../shared/model/fault.ts';
import { planNames } from '../../../shared/model/wire-path.ts';

export type StoreKind = BlockStore['kind'];
const opens: Record<StoreKind, (run: string) => Promise<BlockStore>> = {
  opfs: openOpfsStore,
  'indexed-db': openIndexedDbStore,
  memory: async () => openMemoryStore(),
};
const filled = (length: number, value: number) => new Uint8Array(length).fill(value);
const fault = (work: Promise<unknown>) =>
  work.then(
    () => 'none',
    (error: unknown) => toFaultView(error).code,
  );

/** What every store does, as facts that a test compares. */
async function behaviour(kind: StoreKind): Promise<unknown> {
  const store = await opens[kind]('this');
  const sealed = sealStore(store);
  const [one, two] = [await sealed.open('one'), await sealed.open('two')];
  const length = 1024 * 1024;
  await Promise.all([one.write(5, filled(length, 5)), one.write(0, filled(10, 1)), two.write(0, filled(10, 2))]);
  await one.write(0, filled(20, 3));
  const last = await one.read(5);
  const found = {
    kind: store.kind,
    free: (await store.freeBytes()) > length,
    rewritten: [...(await one.read(0))],
    ofOther: [...(await two.read(0))],
    large: last.byteLength === length && last.every((byte) => byte === 5),
    unwritten: await fault(one.read(1)),
  };
  await one.remove();
  const afterRemoval = [...(await two.read(0))];
  await two.remove();
  return { ...found, afterRemoval };
}

/** The names of what is stored. */
async function names(kind: StoreKind): Promise<string[]> {
  if (kind === 'indexed-db') return (await indexedDB.databases()).map(({ name = '' }) => name);
  const found: string[] = [];
  for await (const name of (await navigator.storage.getDirectory()).keys()) found.push(name);
  return found;
}

/** Leaves something behind, as a page that is closed does. */
async function leave(kind: StoreKind, run: string): Promise<void> {
  const blocks = await (await opens[kind](run)).open('left');
  await blocks.write(0, filled(10, 1));
}

/** Saves into a folder that has something of the same names, and tells all that is in it afterwards. */
async function folder(kind: StoreKind): Promise<Record<string, string>> {
  const blocks = await sealStore(await opens[kind]('saving')).open('one');
  const text = 'first second';
  await blocks.write(0, new TextEncoder().encode(text));
  const entries = [
    { kind: 'folder', path: ['trip', 'empty'], mtimeMs: 0 },
    { kind: 'file', path: ['trip', 'day', 'a.txt'], size: 6, mtimeMs: 0, executable: false },
    { kind: 'file', path: ['b.txt'], size: 6, mtimeMs: 0, executable: false },
  ] as const;
  const facts = { secret: '', title: '', peerName: '', entries, planned: [...planNames(entries, 'windows')] };
  const incoming = new Incoming({ ...facts, selection: 'all', manifestDigest: '' }, blocks);
  const root = await (await navigator.storage.getDirectory()).getDirectoryHandle('picked', { create: true });
  await (await root.getDirectoryHandle('trip', { create: true })).getFileHandle('kept.txt', { create: true });
  await root.getFileHandle('b.txt', { create: true });
  await saveToFolder([...receivedEntries(incoming).values()], root);
  const found: Record<string, string> = {};
  const walk = async (at: FileSystemDirectoryHandle, path: string): Promise<void> => {
    for await (const [name, handle] of at.entries()) {
      if (handle instanceof FileSystemDirectoryHandle) {
        found[`${path}${name}/`] = '';
        await walk(handle, `${path}${name}/`);
      } else if (handle instanceof FileSystemFileHandle) {
        found[`${path}${name}`] = await (await handle.getFile()).text();
      }
    }
  };
  await walk(root, '');
  return found;
}

const orders = {
  behaviour,
  folder,
  names,
  leave,
  open: (kind: StoreKind, run: string) => opens[kind](run).then(() => 'open'),
};
export type StoreOrder = { readonly do: keyof typeof orders; readonly kind: StoreKind; readonly run: string };

self.onmessage = async ({ data }: MessageEvent<StoreOrder>) => {
  try {
    self.postMessage({ answer: await orders[data.do](data.kind, data.run) });
  } catch (error) {
    self.postMessage({ failed: String(error) });
  }
};
