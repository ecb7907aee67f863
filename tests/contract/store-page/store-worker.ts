// Runs the stores of a guest page where they run: in a Worker of a real browser. Answers each order with what came of it.

import { Incoming } from '../../../guest/incoming.ts';
import { receivedEntries, zipBlob } from '../../../guest/received.ts';
import { saveToFolder } from '../../../guest/save/save-to-folder.ts';
import type { BlockStore } from '../../../guest/store/block-store.ts';
import { openIndexedDbStore } from '../../../guest/store/indexed-db-store.ts';
import { openMemoryStore } from '../../../guest/store/memory-store.ts';
import { openOpfsStore } from '../../../guest/store/opfs-store.ts';
import { sealStore } from '../../../guest/store/sealed-store.ts';
import { sha256, toHex } from '../../../shared/model/bytes.ts';
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

/** A transfer that has arrived: files of the same few bytes each, and folders. */
async function arrived(kind: StoreKind, paths: readonly string[]): Promise<{ incoming: Incoming; root: string }> {
  const blocks = await sealStore(await opens[kind]('saving')).open('one');
  const text = paths.map((path) => (path.endsWith('/') ? '' : 'a file')).join('');
  const bytes = new TextEncoder().encode(text);
  const entries = paths.map((path) =>
    path.endsWith('/')
      ? { kind: 'folder' as const, path: path.slice(0, -1).split('/'), mtimeMs: 0 }
      : { kind: 'file' as const, path: path.split('/'), size: 6, mtimeMs: 0, executable: false },
  );
  const facts = { secret: '', title: '', peerName: '', entries, planned: [...planNames(entries, 'windows')] };
  const incoming = new Incoming({ ...facts, selection: 'all', manifestDigest: '' }, blocks);
  await incoming.write(0, [bytes], await sha256(bytes));
  return { incoming, root: toHex(await sha256(await sha256(bytes))) };
}

/** Saves into a folder that has something of the same names, and tells all that is in it afterwards. */
async function folder(kind: StoreKind): Promise<Record<string, string>> {
  const { incoming } = await arrived(kind, ['trip/empty/', 'trip/day/a.txt', 'b.txt']);
  const root = await newFolder('picked');
  await (await root.getDirectoryHandle('trip', { create: true })).getFileHandle('kept.txt', { create: true });
  await root.getFileHandle('b.txt', { create: true });
  await saveToFolder([...receivedEntries(incoming).values()], root);
  return allIn(root);
}

/** As `folder`, with names that Chromium takes in its own store only. */
async function oddNames(kind: StoreKind): Promise<Record<string, string>> {
  const { incoming } = await arrived(kind, [
    '~$letter.docx',
    'notes~',
    'notes_',
    '\u{1F469}\u200D\u{1F4BB}.txt',
    'site.url',
    'desktop.ini',
    '.config/a.txt',
    'old~/a.txt',
    'old_/b.txt',
  ]);
  const root = await newFolder('odd');
  refuseNamesAsOnDisk();
  await saveToFolder([...receivedEntries(incoming).values()], root);
  return allIn(root);
}

/**
 * What Chromium refuses in a folder that a person picked, which needs a dialog, it allows in its own store: `IsSafePathComponent`
 * in content/browser/file_system_access/file_system_access_manager_impl.cc.
 */
function refuseNamesAsOnDisk(): void {
  const isRefused = (name: string) =>
    /["*/:<>?\\|\p{Cc}\p{Cf}]/u.test(name) ||
    /^\.[\s.~]|^[\s~]|[\s.~]$/.test(name) ||
    /\.(lnk|scf|url)$/i.test(name) ||
    /^(desktop\.ini|thumbs\.db)$/i.test(name);
  const { prototype } = FileSystemDirectoryHandle;
  for (const method of ['getFileHandle', 'getDirectoryHandle'] as const) {
    const real = prototype[method] as (this: unknown, name: string, options?: object) => Promise<never>;
    prototype[method] = async function (this: unknown, name: string, options?: object) {
      if (isRefused(name)) throw new TypeError('Name is not allowed.');
      return real.call(this, name, options);
    };
  }
}

/** As long as names are anywhere, in a folder on a disk, where a browser needs some signs more while it writes. */
async function longNames(kind: StoreKind): Promise<Record<string, string>> {
  const stem = 'n'.repeat(247);
  const { incoming } = await arrived(kind, [`${stem}one.txt`, `${stem}two.txt`, `${'f'.repeat(255)}/a.txt`]);
  const root = await newFolder('long');
  refuseLongNamesAsOnDisk();
  await saveToFolder([...receivedEntries(incoming).values()], root);
  return allIn(root);
}

/** Chromium writes beside the file: `CreateSwapFile` in content/browser/file_system_access/file_system_access_file_handle_impl.cc. */
function refuseLongNamesAsOnDisk(): void {
  const { prototype } = FileSystemFileHandle;
  const real = prototype.createWritable;
  prototype.createWritable = async function (this: FileSystemFileHandle) {
    if (new TextEncoder().encode(`${this.name}.crswap`).byteLength > 255)
      throw new DOMException('Error creating swap file.');
    return real.call(this);
  };
}

/** What is left of a file that cannot be written. */
async function unwritable(kind: StoreKind): Promise<unknown> {
  const { incoming } = await arrived(kind, ['a.txt']);
  const root = await newFolder('unwritable');
  FileSystemFileHandle.prototype.createWritable = async () => {
    throw new DOMException('not allowed', 'NotAllowedError');
  };
  const code = await fault(saveToFolder([...receivedEntries(incoming).values()], root));
  return { code, left: await allIn(root) };
}

/** A sender chose names that are all one where the browser allows none of them: how often the folder is asked for each. */
async function alikeNames(kind: StoreKind): Promise<unknown> {
  const count = 120;
  const paths = Array.from({ length: count }, (_, at) => `${'x'.repeat(246)}${String(at).padStart(5, '0')}.url`);
  const { incoming } = await arrived(kind, paths);
  const root = await newFolder('alike');
  let asked = 0;
  const { prototype } = FileSystemDirectoryHandle;
  const real = prototype.getFileHandle;
  prototype.getFileHandle = function (this: FileSystemDirectoryHandle, ...wanted) {
    asked += 1;
    return real.apply(this, wanted);
  };
  refuseNamesAsOnDisk();
  await saveToFolder([...receivedEntries(incoming).values()], root);
  return { files: Object.keys(await allIn(root)).length, askedForEach: Math.round(asked / count) };
}

async function newFolder(name: string): Promise<FileSystemDirectoryHandle> {
  return (await navigator.storage.getDirectory()).getDirectoryHandle(name, { create: true });
}

/** Every path below it; of files, what is in them. */
async function allIn(at: FileSystemDirectoryHandle, path = ''): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const [name, handle] of at.entries()) {
    if (handle instanceof FileSystemDirectoryHandle) {
      Object.assign(found, { [`${path}${name}/`]: '' }, await allIn(handle, `${path}${name}/`));
    } else if (handle instanceof FileSystemFileHandle) {
      found[`${path}${name}`] = await (await handle.getFile()).text();
    }
  }
  return found;
}

/** What a person hears who saves something of which the browser lost a part. */
async function lost(kind: StoreKind): Promise<string> {
  const { incoming, root } = await arrived(kind, ['a.txt', 'b.txt']);
  await incoming.commit(root);
  await incoming.blocks.remove();
  return fault(zipBlob(receivedEntries(incoming)));
}

/** What writes end with when the person clears what the browser stores: the one under way, and the next. */
async function cleared(kind: StoreKind): Promise<string[]> {
  const blocks = await (await opens[kind]('cleared')).open('one');
  const write = () => fault(blocks.write(0, filled(10, 1)));
  for (;;) {
    const code = await write();
    if (code !== 'none') return [code, await write()];
  }
}

const orders = {
  behaviour,
  folder,
  oddNames,
  longNames,
  unwritable,
  alikeNames,
  lost,
  cleared,
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
