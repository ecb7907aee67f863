// `node bench/host.ts`: what the disk's side alone can do, without a network: reading what is sent, and writing, proving and
// publishing what is received. One big file against ten thousand small ones of the same bytes, whose blocks come as fast as a
// link brings them. Nothing is deleted before the end: ext4 without a journal looks at every inode that was deleted in the
// last minutes before it makes a new one, and the next round would measure that.

import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { openShellServices } from '../browser/shell-services.ts';
import { openHost } from '../host/open-host.ts';
import type { ManifestEntry } from '../shared/model/manifest.ts';
import { blockBytes } from '../shared/wire/limits.ts';
import { temporaryFolder } from '../tests/e2e/instance.ts';

const fileBytes = 4096;
const files = 10_000;
const totalBytes = files * fileBytes;
const atOnce = 8;
/** About 26 MB/s. */
const blockEveryMs = 40;
const rounds = 3;

const folder = temporaryFolder('bench-host');
const content = randomBytes(totalBytes);
const hashes = Array.from({ length: Math.ceil(totalBytes / blockBytes) }, (_, block) =>
  createHash('sha256').update(blockOf(block)).digest(),
);
const root = createHash('sha256').update(Buffer.concat(hashes)).digest('hex');
const big: ManifestEntry[] = [fileEntry(['big.bin'], totalBytes)];
const small = Array.from({ length: files }, (_, at) => fileEntry(['small', `${at % 100}`, `${at}.bin`], fileBytes));

for (let round = 0; round < rounds; round += 1) {
  for (const [name, entries] of [
    ['one file', big],
    ['10 000 small files', small],
  ] as const) {
    const times = await receive(entries, path.join(folder, `${round} ${name}`));
    const line = `start ${times.start} ms, write ${times.write} ms, publish ${times.publish} ms`;
    console.log(`${name}: ${line}, processor ${times.processor} ms`);
  }
}
const source = path.join(folder, 'source.bin');
writeFileSync(source, Buffer.alloc(400_000_000, 7));
console.log(`read, one file: ${(await read(source, 400_000_000)).toFixed(0)} MB/s`);
const sources = path.join(folder, 'sources');
mkdirSync(sources);
for (let at = 0; at < files; at += 1) {
  writeFileSync(path.join(sources, `${at}.bin`), content.subarray(at * fileBytes, (at + 1) * fileBytes));
}
console.log(`read, 10 000 small files: ${(await read(sources, totalBytes)).toFixed(0)} MB/s`);

async function receive(entries: readonly ManifestEntry[], place: string) {
  const downloadDir = path.join(place, 'downloads');
  mkdirSync(downloadDir, { recursive: true });
  const host = await open(place, downloadDir);
  const transfer = randomBytes(16).toString('hex');
  const { engine, ui } = host;
  const clock = stopwatch();
  const before = process.cpuUsage();
  await engine['receive.begin']({ transfer, secret: 'a'.repeat(64), peerName: 'bench', checked: true });
  for (let at = 0; at < entries.length; at += 1000) {
    await engine['receive.entries']({ transfer, entries: entries.slice(at, at + 1000) });
  }
  const { destination, manifestDigest } = await engine['receive.plan']({ transfer });
  const asked = { selection: 'all', destination: destination.id, conflict: 'keep-both' } as const;
  await ui['offer.grant']({ transfer, manifestDigest, ...asked });
  await engine['receive.start']({ transfer, leaveOut: [] });
  const start = clock();
  const from = performance.now();
  await inParallel(hashes.length, async (block) => {
    await wait(Math.max(0, from + block * blockEveryMs - performance.now()));
    await engine['receive.write']({ transfer, block, parts: [blockOf(block)], hash: Uint8Array.from(hashes[block]!) });
  });
  const write = clock();
  const { published, faults } = await engine['receive.commit']({ transfer, root });
  const publish = clock();
  const { user, system } = process.cpuUsage(before);
  if (faults.length > 0 || published !== entries.length) throw new Error('not everything was published');
  await engine['receive.close']({ transfer, keep: false });
  await host.close();
  return { start, write, publish, processor: Math.round((user + system) / 1000) };
}

async function read(file: string, bytes: number): Promise<number> {
  const host = await open(path.join(folder, 'reader'), folder);
  const [item] = await host.stagePaths([file]);
  const transfer = randomBytes(16).toString('hex');
  await host.engine['send.open']({ transfer, secret: 'b'.repeat(64), items: [item!.id], peerName: 'bench' });
  await host.engine['send.select']({ transfer, selection: 'all' });
  const clock = stopwatch();
  await inParallel(Math.ceil(bytes / blockBytes), async (block) => {
    await host.engine['send.read']({ transfer, block });
  });
  const ms = clock();
  await host.close();
  return bytes / 1000 / ms;
}

function open(place: string, downloadDir: string) {
  return openHost({ dataDir: path.join(place, 'data'), downloadDir, version: '0', services: openShellServices() });
}

function blockOf(block: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(content.subarray(block * blockBytes, (block + 1) * blockBytes));
}

function fileEntry(wirePath: string[], size: number): ManifestEntry {
  return { kind: 'file', path: wirePath, size, mtimeMs: 1_600_000_000_000, executable: false };
}

async function inParallel(count: number, work: (at: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

function stopwatch(): () => number {
  let from = performance.now();
  return () => {
    const now = performance.now();
    const ms = Math.round(now - from);
    from = now;
    return ms;
  };
}
