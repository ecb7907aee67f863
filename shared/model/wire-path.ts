// A peer's path, made safe. The only file that makes a WirePath. Structural escapes refuse the whole offer; names that this
// system cannot hold are renamed, and the person sees it before saying yes. Nothing is ever percent-decoded or normalised
// for storage: folding serves to find collisions only, so it cannot create a separator.

import type { NameFlag } from '../ipc/views.ts';
import { nameMaxBytes, pathMaxBytes, pathMaxDepth } from '../wire/limits.ts';
import { Fault, type FaultCode } from './fault.ts';
import type { ManifestEntry } from './manifest.ts';
import { flagsOf } from './name-flags.ts';
import { collisionKey, escapeName, type NameTarget, portableName } from './name-rules.ts';

declare const brand: unique symbol;
export type WirePath = readonly string[] & { readonly [brand]: true };

export type PlannedEntry = {
  readonly index: number;
  readonly kind: 'file' | 'folder';
  readonly path: WirePath;
  readonly size: number;
  /** The name as it was sent, escaped; present when it is stored under another. */
  readonly sentAs?: string;
  readonly flags: readonly NameFlag[];
  readonly refused?: FaultCode;
};

/** A folder as the sender named it, and what it is called here. */
type Folder = {
  readonly path: readonly string[];
  readonly bySent: Map<string, Folder>;
  readonly sentFiles: Set<string>;
  readonly taken: Set<string>;
};

export function planNames(entries: readonly ManifestEntry[], target: NameTarget): PlannedEntry[] {
  const top = newFolder([]);
  return entries.map((entry, index) => {
    for (const component of entry.path) refuseEscape(component);
    let folder = top;
    for (const component of entry.path.slice(0, -1)) folder = enter(folder, component, target);
    const sent = entry.path.at(-1)!;
    const path = entry.kind === 'folder' ? enterOnce(folder, sent, target).path : place(folder, sent, target);
    const renamed = path.some((component, at) => component !== entry.path[at]);
    const flags = flagsOf(path);
    const refused = tooLong(path);
    return {
      index,
      kind: entry.kind,
      path: path as WirePath,
      size: entry.kind === 'file' ? entry.size : 0,
      ...(renamed ? { sentAs: entry.path.map(escapeName).join('/') } : {}),
      flags: [
        ...(renamed ? (['renamed'] as const) : []),
        ...(entry.kind === 'file' ? flags : flags.filter((flag) => flag === 'hidden')),
        ...(refused === undefined ? [] : (['cannot-store'] as const)),
      ],
      ...(refused === undefined ? {} : { refused }),
    };
  });
}

function refuseEscape(component: string): void {
  const escapes =
    component === '' ||
    component === '.' ||
    component === '..' ||
    component.includes('/') ||
    component.includes('\0') ||
    !component.isWellFormed() ||
    /^[a-z]:/i.test(component) ||
    /^\\[\\?]/.test(component);
  if (escapes)
    throw new Fault('name-refused', `a name in this offer leads out of its folder: ${escapeName(component)}`);
}

function enter(folder: Folder, sent: string, target: NameTarget): Folder {
  const known = folder.bySent.get(sent);
  if (known !== undefined) return known;
  if (folder.sentFiles.has(sent)) throw new Fault('name-refused', 'the same name is a file and a folder');
  const made = newFolder([...folder.path, freeName(folder, sent, target)]);
  folder.bySent.set(sent, made);
  return made;
}

function enterOnce(folder: Folder, sent: string, target: NameTarget): Folder {
  const entered = enter(folder, sent, target);
  const mark = `folder ${sent}`;
  if (folder.sentFiles.has(mark)) throw new Fault('name-refused', 'the same folder twice');
  folder.sentFiles.add(mark);
  return entered;
}

function place(folder: Folder, sent: string, target: NameTarget): readonly string[] {
  if (folder.bySent.has(sent)) throw new Fault('name-refused', 'the same name is a file and a folder');
  if (folder.sentFiles.has(sent)) throw new Fault('name-refused', 'the same name twice');
  folder.sentFiles.add(sent);
  return [...folder.path, freeName(folder, sent, target)];
}

/** The portable form of a name, numbered when another name of this folder would be the same on some disk. */
function freeName(folder: Folder, sent: string, target: NameTarget): string {
  const wanted = portableName(sent, target);
  let candidate = wanted;
  for (let at = 2; folder.taken.has(collisionKey(candidate)); at += 1)
    candidate = portableName(numbered(wanted, at), target);
  folder.taken.add(collisionKey(candidate));
  return candidate;
}

function numbered(name: string, at: number): string {
  const dot = name.lastIndexOf('.');
  const stem = dot > 0 ? name.slice(0, dot) : name;
  const extension = dot > 0 ? name.slice(dot) : '';
  return `${cutStem(stem, nameMaxBytes - 8 - new TextEncoder().encode(extension).byteLength)} (${at})${extension}`;
}

function cutStem(stem: string, maxBytes: number): string {
  let cut = stem;
  while (cut.length > 1 && new TextEncoder().encode(cut).byteLength > maxBytes)
    cut = cut.slice(0, -1).replace(/[\uD800-\uDBFF]$/, '');
  return cut;
}

function tooLong(path: readonly string[]): FaultCode | undefined {
  if (path.length > pathMaxDepth) return 'disk-name-too-long';
  return new TextEncoder().encode(path.join('/')).byteLength > pathMaxBytes - 512 ? 'disk-name-too-long' : undefined;
}

function newFolder(path: readonly string[]): Folder {
  return { path, bySent: new Map(), sentFiles: new Set(), taken: new Set() };
}
