// A peer's path, made safe. The only file that makes a WirePath. Structural escapes refuse the whole offer; names that this
// system cannot hold are renamed, and the person sees it before saying yes. Nothing is ever percent-decoded or normalised
// for storage: folding serves to find collisions only, so it cannot create a separator.

import type { NameFlag } from '../ipc/views.ts';
import { manifestMaxEntries, pathMaxBytes, pathMaxDepth } from '../wire/limits.ts';
import { canTravel } from './can-travel.ts';
import { Fault, type FaultCode } from './fault.ts';
import type { ManifestEntry } from './manifest.ts';
import { flagsOf } from './name-flags.ts';
import { collisionKey, escapeName, type NameTarget, numberedParts, portableName } from './name-rules.ts';
import { utf8Bytes } from './utf8.ts';

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

/** A file or a folder as the sender named it, and what it is called here. */
type Place = {
  readonly path: readonly string[];
  readonly pathBytes: number;
  readonly sent: string;
  /** None for what stands at the top. */
  readonly parent: Folder | undefined;
  /** It, or a folder above it. */
  readonly isRenamed: boolean;
  readonly isHidden: boolean;
};

type Folder = Place & {
  isAnnounced: boolean;
  /** Names as they were sent, escaped, from the top down to this folder; once somebody asked. */
  escaped: string | undefined;
  /** By the name as it was sent. */
  readonly children: Map<string, Folder | 'file'>;
  /** Collision keys of the names given out here. */
  readonly taken: Set<string>;
  /** Per name that collided, by the keys of its beginning and its ending: the next number to try. Those below are taken. */
  readonly nextNumber: Map<string, Map<string, number>>;
};

/**
 * Takes time in proportion to the manifest, whatever its names are. A generator, so that whoever runs it can pause between
 * two entries: a hundred thousand of them take the better part of a second.
 */
export function* planNames(entries: readonly ManifestEntry[], target: NameTarget): Generator<PlannedEntry> {
  const tree = new Tree(target);
  for (const [index, entry] of entries.entries()) yield tree.plan(entry, index);
}

class Tree {
  readonly #target: NameTarget;
  readonly #top = newFolder({
    path: [],
    pathBytes: -1,
    sent: '',
    parent: undefined,
    isRenamed: false,
    isHidden: false,
  });
  readonly #deep = new Map<string, Folder>();
  #folders = 0;

  constructor(target: NameTarget) {
    this.#target = target;
  }

  plan(entry: ManifestEntry, index: number): PlannedEntry {
    const folder = this.#parentOf(entry.path);
    const sent = entry.path.at(-1)!;
    const placed = entry.kind === 'folder' ? this.#announce(folder, sent) : this.#place(folder, sent);
    const flags = flagsOf(placed.path.at(-1)!, placed.isHidden);
    const refused = isTooLong(placed) ? 'disk-name-too-long' : undefined;
    return {
      index,
      kind: entry.kind,
      path: placed.path as WirePath,
      size: entry.kind === 'file' ? entry.size : 0,
      ...(placed.isRenamed ? { sentAs: sentAsOf(placed) } : {}),
      flags: [
        ...(placed.isRenamed ? (['renamed'] as const) : []),
        ...(entry.kind === 'file' ? flags : flags.filter((flag) => flag === 'hidden')),
        ...(refused === undefined ? [] : (['cannot-store'] as const)),
      ],
      ...(refused === undefined ? {} : { refused }),
    };
  }

  /** By its whole path at once where it is deep: sixty folders one by one cost more than all the rest of an entry. */
  #parentOf(path: readonly string[]): Folder {
    const depth = path.length - 1;
    const key = depth > 2 ? path.slice(0, depth).join('\0') : undefined;
    const known = key === undefined ? undefined : this.#deep.get(key);
    // As many components: then none of these holds a NUL, since none of the known ones does.
    if (known?.path.length === depth) return known;
    let folder = this.#top;
    for (let at = 0; at < depth; at += 1) folder = this.#enter(folder, path[at]!);
    if (key !== undefined) this.#deep.set(key, folder);
    return folder;
  }

  #enter(folder: Folder, sent: string): Folder {
    const known = folder.children.get(sent);
    if (known === 'file') throw new Fault('name-refused', 'the same name is a file and a folder');
    if (known !== undefined) return known;
    this.#folders += 1;
    if (this.#folders > manifestMaxEntries) throw new Fault('manifest-too-large', 'too many folders');
    const made = newFolder(this.#named(folder, sent));
    folder.children.set(sent, made);
    return made;
  }

  #announce(folder: Folder, sent: string): Place {
    const entered = this.#enter(folder, sent);
    if (entered.isAnnounced) throw new Fault('name-refused', 'the same folder twice');
    entered.isAnnounced = true;
    return entered;
  }

  #place(folder: Folder, sent: string): Place {
    const known = folder.children.get(sent);
    if (known === 'file') throw new Fault('name-refused', 'the same name twice');
    if (known !== undefined) throw new Fault('name-refused', 'the same name is a file and a folder');
    folder.children.set(sent, 'file');
    return this.#named(folder, sent);
  }

  #named(folder: Folder, sent: string): Place {
    refuseEscape(sent);
    const name = freeName(folder, portableName(sent, this.#target));
    return {
      path: [...folder.path, name],
      pathBytes: folder.pathBytes + 1 + utf8Bytes(name),
      sent,
      parent: folder === this.#top ? undefined : folder,
      isRenamed: folder.isRenamed || name !== sent,
      isHidden: folder.isHidden || name.startsWith('.'),
    };
  }
}

/** For showing. */
function sentAsOf({ parent, sent }: Place): string {
  const name = escapeName(sent);
  if (parent === undefined) return name;
  parent.escaped ??= sentAsOf(parent);
  return `${parent.escaped}/${name}`;
}

function refuseEscape(component: string): void {
  if (!canTravel(component))
    throw new Fault('name-refused', `a name in this offer leads out of its folder: ${escapeName(component)}`);
}

/** Numbered when another name of this folder would be the same on some disk. No number is tried twice for one name. */
function freeName(folder: Folder, wanted: string): string {
  const key = collisionKey(wanted);
  if (!folder.taken.has(key)) {
    folder.taken.add(key);
    return wanted;
  }
  const { stem, extension } = numberedParts(wanted);
  // The number stands apart from both in every folding, so each is folded once, whatever number it gets.
  const [stemKey, extensionKey] = [collisionKey(stem), collisionKey(extension)];
  const numbers = folder.nextNumber.get(stemKey) ?? new Map<string, number>();
  folder.nextNumber.set(stemKey, numbers);
  for (let number = numbers.get(extensionKey) ?? 2; ; number += 1) {
    const candidateKey = `${stemKey} (${number})${extensionKey}`;
    if (folder.taken.has(candidateKey)) continue;
    folder.taken.add(candidateKey);
    numbers.set(extensionKey, number + 1);
    return `${stem} (${number})${extension}`;
  }
}

function isTooLong({ path, pathBytes }: Place): boolean {
  return path.length > pathMaxDepth || pathBytes > pathMaxBytes - 512;
}

function newFolder(place: Place): Folder {
  return {
    ...place,
    isAnnounced: false,
    escaped: undefined,
    children: new Map(),
    taken: new Set(),
    nextNumber: new Map(),
  };
}
