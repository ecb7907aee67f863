// Bringing verified files into place. A new top folder is built whole inside the staging folder and appears in one rename;
// single files, and files for a folder that exists, are linked into place one by one, which never overwrites.
// Before the first name appears a marker is written: from then on a crash continues the publishing instead of receiving again.

import { constants } from 'node:fs';
import { type FileHandle, link, lstat, mkdir, open, readFile, rename, rmdir, unlink, utimes } from 'node:fs/promises';
import path from 'node:path';
import type { ConflictPolicy } from '../../shared/ipc/views.ts';
import { Fault, type FaultCode } from '../../shared/model/fault.ts';
import type { ManifestEntry } from '../../shared/model/manifest.ts';
import type { PlannedEntry } from '../../shared/model/wire-path.ts';
import { packStretchBytes, publishAtOnce } from '../../shared/wire/limits.ts';
import { syncFiles, syncFolder } from '../atomic-file.ts';
import { errnoOf, toDiskFault } from '../disk-fault.ts';
import type { ArrivalMarks } from './arrival-marks.ts';
import { exists, makeParents, makeRealFolder, placeIn, takeFreeName } from './place.ts';
import type { Staging } from './staging.ts';

export type PublishPlan = {
  readonly staging: Staging;
  readonly destination: string;
  readonly conflict: ConflictPolicy;
  readonly keepExecutable: boolean;
  readonly marks: ArrivalMarks;
  readonly entries: readonly ManifestEntry[];
  /** Selected, storable, and not failed. */
  readonly chosen: readonly PlannedEntry[];
  readonly trash: (file: string) => Promise<void>;
};

export type Published = {
  readonly count: number;
  readonly landedAt: string | undefined;
  readonly faults: readonly { readonly index: number; readonly code: FaultCode }[];
};

const markerName = 'placing';

/** True when an earlier run had verified everything and begun to bring files into place. */
export function hasBegunPublishing(stagingFolder: string): Promise<boolean> {
  return exists(path.join(stagingFolder, markerName));
}

export async function publish(plan: PublishPlan): Promise<Published> {
  const { staging, destination } = plan;
  const marker = path.join(staging.folder, markerName);
  const placed = await placedBefore(marker);
  const log = await open(marker, 'a', 0o600);
  const pack = openPack(staging.packFile);
  const faults: { index: number; code: FaultCode }[] = [];
  let landedAt: string | undefined;
  let count = 0;
  const note = async (index: number, where: string) => {
    await log.appendFile(`${JSON.stringify([index, where])}\n`);
  };
  try {
    await log.sync();
    for (const group of byTop(plan.chosen)) {
      const job = { plan, group, pack, placed, note, faults };
      const top = isFolder(group) && !(await mergesInto(plan, group)) ? await placeTree(job) : await placeOneByOne(job);
      landedAt ??= top.landedAt;
      count += top.count;
    }
  } finally {
    await pack.close();
    await log.close();
  }
  await syncFolder(destination);
  return { count, landedAt, faults };
}

type Job = {
  readonly plan: PublishPlan;
  readonly group: readonly PlannedEntry[];
  readonly pack: Pack;
  readonly placed: ReadonlyMap<number, string>;
  readonly note: (index: number, where: string) => Promise<void>;
  readonly faults: { index: number; code: FaultCode }[];
};
type Placed = { readonly count: number; readonly landedAt: string | undefined };

/** A new top folder: built aside, then one rename onto a name that we made ourselves. */
async function placeTree({ plan, group, pack, placed, note, faults }: Job): Promise<Placed> {
  const top = group[0]!.path[0]!;
  const before = placed.get(group[0]!.index);
  if (before !== undefined && (await exists(before)) && !(await exists(path.join(plan.staging.folder, 'tree', top)))) {
    return { count: group.filter(({ kind }) => kind === 'file').length, landedAt: before };
  }
  const tree = path.join(plan.staging.folder, 'tree');
  const made = new Set<string>();
  await makeRealFolder(tree);
  await makeRealFolder(path.join(tree, top));
  for (const { path: wirePath, kind } of group) {
    await makeParents(tree, wirePath, made);
    if (kind === 'folder') await makeRealFolder(placeIn(tree, wirePath));
  }
  const done = await eachFile(plan, group, faults, (entry) => prepare(plan, pack, entry, placeIn(tree, entry.path)));
  const files = done.map((entry) => placeIn(tree, entry.path));
  await plan.marks.together(files);
  await syncFiles(tree, files);
  await setFolderTimes(plan, group, tree);
  for (const folder of made) await syncFolder(folder);
  const reserved = before ?? (await takeFreeName(path.join(plan.destination, top), reserveFolder));
  if (before === undefined) await note(group[0]!.index, reserved);
  await rename(path.join(tree, top), reserved);
  return { count: done.length, landedAt: reserved };
}

/** Into a folder that exists, or files without a folder. */
async function placeOneByOne({ plan, group, pack, placed, note, faults }: Job): Promise<Placed> {
  const made = new Set<string>();
  const folders = new Set<string>();
  let landedAt: string | undefined;
  const ready = path.join(plan.staging.folder, 'ready');
  await makeRealFolder(ready);
  for (const { path: wirePath, kind } of group) {
    await makeParents(plan.destination, wirePath, made);
    if (kind === 'folder') await makeRealFolder(placeIn(plan.destination, wirePath));
  }
  const preparedOf = (entry: PlannedEntry) => path.join(ready, String(entry.index));
  const done = new Set<PlannedEntry>();
  const prepared = await eachFile(plan, group, faults, async (entry) => {
    const before = placed.get(entry.index);
    if (before !== undefined && (await alreadyPlaced(preparedOf(entry), before))) done.add(entry);
    else await prepare(plan, pack, entry, preparedOf(entry));
  });
  const waiting = prepared.filter((entry) => !done.has(entry));
  await plan.marks.together(waiting.map(preparedOf));
  await syncFiles(ready, waiting.map(preparedOf));
  const linked = await eachFile(plan, waiting, faults, async (entry) => {
    const wanted = placeIn(plan.destination, entry.path);
    if (plan.conflict === 'replace' && (await isPlainFile(wanted))) await plan.trash(wanted);
    const final = await takeFreeName(wanted, (candidate) =>
      linkInto(preparedOf(entry), candidate, () => note(entry.index, candidate)),
    );
    folders.add(path.dirname(final));
    landedAt ??= entry.path.length > 1 ? path.join(plan.destination, entry.path[0]!) : final;
  });
  for (const folder of folders) await syncFolder(folder);
  return { count: done.size + linked.length, landedAt: landedAt ?? plan.destination };
}

/** Killed between link and unlink, or after both: the file has its name already and must not get a second one. */
async function alreadyPlaced(prepared: string, final: string): Promise<boolean> {
  const [ours, theirs] = await Promise.all([prepared, final].map((file) => lstat(file).catch(() => undefined)));
  if (theirs === undefined) return false;
  if (ours === undefined) return true;
  if (ours.ino !== theirs.ino) return false;
  await unlink(prepared);
  return true;
}

/** Appears under `final` with everything in it, or not at all. Answers false when the name is in use. */
async function linkInto(prepared: string, final: string, note: () => Promise<void>): Promise<boolean> {
  if (await exists(final)) return false;
  await note();
  try {
    await link(prepared, final);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'EEXIST') return false;
    if (errno !== 'EPERM' && errno !== 'ENOTSUP' && errno !== 'ENOSYS' && errno !== 'EMLINK') throw error;
    return renameOverOwnEmpty(prepared, final);
  }
  await unlink(prepared);
  return true;
}

/** For disks without links: reserve the name with a file of our own, then rename over that. */
async function renameOverOwnEmpty(prepared: string, final: string): Promise<boolean> {
  try {
    await (await open(final, 'wx')).close();
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  }
  await rename(prepared, final);
  return true;
}

/** The whole file under `target` (a name inside the staging folder), with its time and mode, not yet synced. */
async function prepare(plan: PublishPlan, pack: Pack, planned: PlannedEntry, target: string): Promise<void> {
  const entry = plan.entries[planned.index]!;
  if (entry.kind !== 'file') return;
  const mode = entry.executable && plan.keepExecutable ? 0o777 : 0o666;
  const { part, offset, packed } = plan.staging.whereIs(planned.index);
  const isInPack = packed || entry.size === 0;
  if (!isInPack) await takePart(part, target);
  // A name that an interrupted run left here is ours, and perhaps not whole: it is written again.
  const flags = isInPack ? constants.O_CREAT | constants.O_TRUNC : 0;
  const handle = await open(target, constants.O_RDWR | flags | (constants.O_NOFOLLOW ?? 0), mode);
  try {
    if (entry.size > 0 && isInPack) await handle.write(await pack.read(offset, entry.size), 0, entry.size, 0);
    if (!isInPack) await handle.chmod(mode & ~umask());
    await plan.marks.each(target);
    const time = clampTime(entry.mtimeMs);
    await handle.utimes(time, time);
  } finally {
    await handle.close();
  }
}

async function takePart(part: string, target: string): Promise<void> {
  try {
    await rename(part, target);
  } catch (error) {
    // An interrupted run had taken it already.
    if (errnoOf(error) !== 'ENOENT' || !(await exists(target))) throw error;
  }
}

type Pack = { read(offset: number, size: number): Promise<Uint8Array>; close(): Promise<void> };

/** The pack, read in stretches: files lie in it in the order in which they are asked for. */
function openPack(file: string): Pack {
  let handle: Promise<FileHandle> | undefined;
  let stretch: { readonly from: number; readonly bytes: Promise<Uint8Array> } | undefined;
  async function readAt(from: number): Promise<Uint8Array> {
    handle ??= open(file, 'r');
    const bytes = Buffer.allocUnsafe(packStretchBytes);
    const { bytesRead } = await (await handle).read(bytes, 0, packStretchBytes, from);
    return bytes.subarray(0, bytesRead);
  }
  return {
    async read(offset, size) {
      if (stretch === undefined || offset < stretch.from || offset + size > stretch.from + packStretchBytes) {
        stretch = { from: offset, bytes: readAt(offset) };
      }
      const { from } = stretch;
      const bytes = (await stretch.bytes).subarray(offset - from, offset - from + size);
      if (bytes.byteLength < size) throw new Fault('journal-damaged', 'the staging folder lost bytes');
      return bytes;
    },
    async close() {
      await (await handle)?.close();
    },
  };
}

/** Runs `work` for every file, some at once. One file's trouble is that file's: it is named and the rest go on. */
async function eachFile(
  plan: PublishPlan,
  group: readonly PlannedEntry[],
  faults: Job['faults'],
  work: (entry: PlannedEntry) => Promise<void>,
): Promise<PlannedEntry[]> {
  const files = group.filter(({ index, kind }) => kind === 'file' && plan.entries[index]?.kind === 'file');
  let next = 0;
  const done: PlannedEntry[] = [];
  const worker = async () => {
    for (let file = files[next++]; file !== undefined; file = files[next++]) {
      try {
        await work(file);
        done.push(file);
      } catch (error) {
        const fault = toDiskFault(error);
        if (fault.code === 'disk-full' || fault.code === 'disk-quota') throw fault;
        faults.push({ index: file.index, code: fault.code });
      }
    }
  };
  await Promise.all(Array.from({ length: publishAtOnce }, worker));
  return done;
}

async function setFolderTimes(plan: PublishPlan, group: readonly PlannedEntry[], tree: string): Promise<void> {
  for (const { index, kind, path: wirePath } of group.toReversed()) {
    if (kind !== 'folder') continue;
    const time = clampTime(plan.entries[index]?.mtimeMs ?? Date.now());
    await utimes(placeIn(tree, wirePath), time, time);
  }
}

async function mergesInto({ conflict, destination }: PublishPlan, group: readonly PlannedEntry[]): Promise<boolean> {
  if (conflict === 'keep-both') return false;
  const found = await lstat(path.join(destination, group[0]!.path[0]!)).catch(() => undefined);
  return found?.isDirectory() ?? false;
}

async function reserveFolder(candidate: string): Promise<boolean> {
  try {
    await mkdir(candidate);
    // Windows renames onto no folder at all, so there the name is only tried.
    if (process.platform === 'win32') await rmdir(candidate);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function byTop(chosen: readonly PlannedEntry[]): PlannedEntry[][] {
  const groups = new Map<string, PlannedEntry[]>();
  for (const entry of chosen) {
    const key = entry.path.length > 1 || entry.kind === 'folder' ? `d${entry.path[0]}` : `f${entry.path[0]}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [entry]);
    else group.push(entry);
  }
  return [...groups.values()];
}

function isFolder(group: readonly PlannedEntry[]): boolean {
  const first = group[0]!;
  return first.kind === 'folder' || first.path.length > 1;
}

async function placedBefore(marker: string): Promise<Map<number, string>> {
  const text = await readFile(marker, 'utf8').catch(() => '');
  const placed = new Map<number, string>();
  for (const line of text.split('\n')) {
    try {
      const [index, where] = JSON.parse(line) as [number, string];
      placed.set(index, where);
    } catch {
      // An empty or torn last line: that name had not been taken yet.
    }
  }
  return placed;
}

async function isPlainFile(file: string): Promise<boolean> {
  return lstat(file).then(
    (found) => found.isFile(),
    () => false,
  );
}

/** Times from 1980 (what FAT can hold) to tomorrow; anything else is somebody's joke. */
function clampTime(mtimeMs: number): Date {
  const earliest = Date.UTC(1980, 0, 1);
  return new Date(Math.min(Math.max(mtimeMs, earliest), Date.now() + 86_400_000));
}

let knownUmask: number | undefined;
function umask(): number {
  knownUmask ??= process.umask();
  return knownUmask;
}
