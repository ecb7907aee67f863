// An incoming transfer as the engine would drive it, in steps: offer, grant, blocks, commit.

import { createHash, randomBytes } from 'node:crypto';
import type { DiskCall, FailingDisk } from '../../../host/disk/failing-disk.ts';
import type { Host, ShellServices } from '../../../host/host.ts';
import type { ConflictPolicy } from '../../../shared/ipc/views.ts';
import { connectNowhere } from '../../../shared/model/guest-page.ts';
import type { ManifestEntry } from '../../../shared/model/manifest.ts';
import { blockBytes } from '../../../shared/wire/limits.ts';
import type { TestHost } from './test-host.ts';

export type Incoming = {
  readonly transfer: string;
  readonly entries: readonly ManifestEntry[];
  readonly content: Buffer;
  readonly blocks: number;
  readonly root: string;
};

type SentFile = {
  readonly path: readonly string[];
  readonly bytes: Buffer;
  readonly mtimeMs?: number;
  readonly executable?: boolean;
};

export function incoming(files: readonly SentFile[]): Incoming {
  const content = Buffer.concat(files.map(({ bytes }) => bytes));
  const blocks = Math.ceil(content.length / blockBytes);
  const hashes = Array.from({ length: blocks }, (_, block) => hashOf(blockIn(content, block)));
  return {
    transfer: randomBytes(16).toString('hex'),
    entries: files.map(({ path, bytes, mtimeMs = 1_600_000_000_000, executable = false }) => ({
      kind: 'file',
      path: [...path],
      size: bytes.length,
      mtimeMs,
      executable,
    })),
    content,
    blocks,
    root: hashOf(Buffer.concat(hashes)).toString('hex'),
  };
}

/**
 * The program is killed at this call of its disk while it publishes, and started again. True where publishing was over before it: then the
 * call never came.
 */
export async function killWhilePublishing(
  test: TestHost,
  disk: FailingDisk,
  { transfer, root }: Incoming,
  isIt: (call: DiskCall) => boolean,
): Promise<boolean> {
  let isDead = false;
  const revive = disk.fail({ when: (call) => (isDead ||= isIt(call)), errno: 'EIO' });
  const isOver = await Promise.resolve(test.host.engine['receive.commit']({ transfer, root })).then(
    () => !isDead,
    () => false,
  );
  await test.restart(revive);
  return isOver;
}

/** Offered, and accepted by the person. */
export async function grant(
  { engine, ui }: Host,
  { transfer, entries }: Incoming,
  conflict: ConflictPolicy = 'keep-both',
): Promise<void> {
  await engine['receive.begin']({ transfer, secret: 'a'.repeat(64), peerName: 'peer', checked: true });
  await engine['receive.entries']({ transfer, entries: [...entries] });
  const { destination, manifestDigest } = await engine['receive.plan']({ transfer });
  await ui['offer.grant']({ transfer, manifestDigest, selection: 'all', destination: destination.id, conflict });
}

export async function prepare(
  host: Host,
  offer: Incoming,
  conflict?: ConflictPolicy,
): Promise<{ readonly totalBytes: number }> {
  await grant(host, offer, conflict);
  return host.engine['receive.start']({ transfer: offer.transfer, leaveOut: [] });
}

/** As the engine does it for "skip what is there": asks what exists, compares hashes, leaves out what is the same. */
export async function prepareSkipping(host: Host, offer: Incoming) {
  const { engine } = host;
  const { transfer, entries, content } = offer;
  await grant(host, offer, 'skip');
  const { indexes } = await engine['receive.candidates']({ transfer, from: 0 });
  const starts = entries.map((_, at) =>
    entries.slice(0, at).reduce((sum, entry) => sum + (entry.kind === 'file' ? entry.size : 0), 0),
  );
  const digests = indexes.map((index) => {
    const entry = entries[index]!;
    const size = entry.kind === 'file' ? entry.size : 0;
    const bytes = content.subarray(starts[index]!, starts[index]! + size);
    return { index, sha256: hashOf(bytes).toString('hex') };
  });
  const { same } = await engine['receive.compare']({ transfer, digests });
  return { same, ...(await engine['receive.start']({ transfer, leaveOut: [...same] })) };
}

/** Writes the blocks of `sent` and publishes, under the id of a transfer that has begun. */
export async function finish(host: Host, sent: Incoming, transfer: string): Promise<void> {
  for (let block = 0; block < sent.blocks; block += 1) await writeBlock(host, { ...sent, transfer }, block);
  await host.engine['receive.commit']({ transfer, root: sent.root });
  await host.engine['receive.close']({ transfer, keep: false });
}

export async function writeBlock({ engine }: Host, { transfer, content }: Incoming, block: number): Promise<void> {
  const bytes = blockIn(content, block);
  const hash = Uint8Array.from(hashOf(bytes));
  // As they come from a lane: a small one first and last.
  const edge = Math.min(1024, bytes.byteLength);
  const parts = [bytes.slice(0, edge), bytes.slice(edge, -1024), bytes.slice(Math.max(edge, bytes.byteLength - 1024))];
  await engine['receive.write']({ transfer, block, parts, hash });
}

/** The whole of it; with nothing left to receive there is no block to write. */
export async function receiveAll(host: Host, offer: Incoming, conflict: ConflictPolicy): Promise<void> {
  const { transfer, blocks, root } = offer;
  const { totalBytes } = await prepare(host, offer, conflict);
  for (let block = 0; totalBytes > 0 && block < blocks; block += 1) await writeBlock(host, offer, block);
  const nothing = hashOf(new Uint8Array()).toString('hex');
  await host.engine['receive.commit']({ transfer, root: totalBytes > 0 ? root : nothing });
  await host.engine['receive.close']({ transfer, keep: false });
}

/** `choose` answers the folder dialog in the person's place; without it there is no such dialog. */
export function openQuietServices(
  trash: (file: string) => Promise<void>,
  choose?: () => string | undefined,
): ShellServices {
  return {
    kind: 'browser',
    dialogs: false,
    folderDialog: choose !== undefined,
    pickFiles: async () => [],
    pickFolderToSend: async () => [],
    pickDestination: async () => choose?.(),
    reveal: async () => undefined,
    openFile: async () => undefined,
    openLink: async () => undefined,
    trash,
    notify: () => undefined,
    showProgress: () => undefined,
    copy: async () => undefined,
    readCode: async () => null,
    setScanning: () => undefined,
    guestPage: async () => new TextEncoder().encode(connectNowhere),
  };
}

function blockIn(content: Buffer, block: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(content.subarray(block * blockBytes, (block + 1) * blockBytes));
}

function hashOf(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

/** All of it is here and verified, and nothing has its name yet. */
export async function arrive(
  host: Host,
  sizes: Readonly<Record<string, number>>,
  conflict?: ConflictPolicy,
): Promise<Incoming> {
  const offer = incoming(
    Object.entries(sizes).map(([name, size]) => ({ path: name.split('/'), bytes: randomBytes(size) })),
  );
  await prepare(host, offer, conflict);
  for (let block = 0; block < offer.blocks; block += 1) await writeBlock(host, offer, block);
  return offer;
}
