// A peer's path, made safe. The only file that makes a WirePath. Structural escapes refuse the whole offer; names that this
// system cannot hold are renamed, and the person sees it before saying yes. Nothing is ever percent-decoded or normalised
// for storage: folding serves to find collisions only, so it cannot create a separator.

import type { NameFlag } from '../ipc/views.ts';
import { manifestMaxEntries, pathMaxBytes, pathMaxDepth } from '../wire/limits.ts';
import { canTravel } from './can-travel.ts';
import { Fault, type FaultCode } from './fault.ts';
import { type FoldedKey, type HashState, hashText, isKeptAsText, numberOf } from './folded-key.ts';
import type { ManifestEntry } from './manifest.ts';
import { flagsOf, isHiddenBySystems } from './name-flags.ts';
import {
  collisionKey,
  escapeName,
  type NameTarget,
  numberedParts,
  type PortableName,
  portableName,
  takenKey,
} from './name-rules.ts';
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
  readonly sentKinds: number;
  /** Its own name, or of a numbered one what stands behind the number: that says what it is, and the whole is not put together for it. */
  readonly tellingName: string;
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
  readonly folders: Map<string, Folder>;
  /** Their names, as they were sent. */
  readonly files: Set<string>;
  /** Collision keys of the names given out here. */
  readonly taken: Set<FoldedKey>;
  /** Per name that collided, by the keys of its beginning and its ending: the next number to try. Those below are taken. */
  readonly nextNumber: Map<string, Map<string, number>>;
  /** By name, of some that collided. */
  readonly parts: Map<string, NumberedKeys>;
};

type NumberedKeys = {
  readonly stem: string;
  readonly extension: string;
  /** Of both, in UTF-8. */
  readonly bytes: number;
  readonly stemKey: string;
  readonly extensionKey: string;
  /** Of the first of the two. */
  readonly state: HashState;
};

/**
 * Takes time in proportion to the manifest, whatever its names are. A generator, so that whoever runs it can pause between
 * two entries: a hundred thousand of them may take half a second.
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
    sentKinds: 0,
    tellingName: '',
    isRenamed: false,
    isHidden: false,
  });
  readonly #deep = new Map<string, Folder>();
  /** Neighbours mostly lie in one folder. */
  #last: { readonly path: readonly string[]; readonly folder: Folder } | undefined;
  #folders = 0;

  constructor(target: NameTarget) {
    this.#target = target;
  }

  plan(entry: ManifestEntry, index: number): PlannedEntry {
    const folder = this.#parentOf(entry.path);
    const sent = entry.path.at(-1)!;
    const placed = entry.kind === 'folder' ? this.#announce(folder, sent) : this.#place(folder, sent);
    const path = placed.path as WirePath;
    const size = entry.kind === 'file' ? entry.size : 0;
    const flags = flagsOfPlaced(placed, entry.kind);
    const planned = placed.isRenamed
      ? { index, kind: entry.kind, path, size, flags, sentAs: sentAsOf(placed) }
      : { index, kind: entry.kind, path, size, flags };
    return isTooLong(placed) ? { ...planned, refused: 'disk-name-too-long' } : planned;
  }

  /** By its whole path at once where it is deep: sixty folders one by one cost more than all the rest of an entry. */
  #parentOf(path: readonly string[]): Folder {
    const depth = path.length - 1;
    if (this.#last !== undefined && isSameFolder(this.#last.path, path)) return this.#last.folder;
    const folder = this.#findParent(path, depth);
    this.#last = { path, folder };
    return folder;
  }

  #findParent(path: readonly string[], depth: number): Folder {
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
    const known = folder.folders.get(sent);
    if (known !== undefined) return known;
    if (folder.files.has(sent)) throw new Fault('name-refused', 'the same name is a file and a folder');
    this.#folders += 1;
    if (this.#folders > manifestMaxEntries) throw new Fault('manifest-too-large', 'too many folders');
    const made = newFolder(this.#named(folder, sent));
    folder.folders.set(sent, made);
    return made;
  }

  #announce(folder: Folder, sent: string): Place {
    const entered = this.#enter(folder, sent);
    if (entered.isAnnounced) throw new Fault('name-refused', 'the same folder twice');
    entered.isAnnounced = true;
    return entered;
  }

  #place(folder: Folder, sent: string): Place {
    if (folder.folders.has(sent)) throw new Fault('name-refused', 'the same name is a file and a folder');
    if (!take(folder.files, sent)) throw new Fault('name-refused', 'the same name twice');
    return this.#named(folder, sent);
  }

  #named(folder: Folder, sent: string): Place {
    refuseEscape(sent);
    const wanted = portableName(sent, this.#target);
    const { name, bytes, ending } = freeName(folder, wanted);
    return {
      path: folder === this.#top ? [name] : [...folder.path, name],
      pathBytes: folder.pathBytes + 1 + bytes,
      sent,
      sentKinds: wanted.sentKinds,
      tellingName: ending ?? name,
      parent: folder === this.#top ? undefined : folder,
      isRenamed: folder.isRenamed || ending !== undefined || name !== sent,
      isHidden: folder.isHidden || wanted.name.startsWith('.'),
    };
  }
}

const noFlags: readonly NameFlag[] = [];

/** Most names have none, and a hundred thousand empty lists are a burden. */
function flagsOfPlaced(placed: Place, kind: 'file' | 'folder'): readonly NameFlag[] {
  const { tellingName, isHidden, isRenamed } = placed;
  const isCut = isTooLong(placed);
  const about =
    kind === 'file' || isHidden || isHiddenBySystems(tellingName) ? flagsOf(tellingName, isHidden) : noFlags;
  if (about.length === 0 && !isCut) return isRenamed ? renamedOnly : noFlags;
  const flags: NameFlag[] = isRenamed ? ['renamed'] : [];
  for (const flag of about) if (kind === 'file' || flag === 'hidden') flags.push(flag);
  if (isCut) flags.push('cannot-store');
  return flags;
}

const renamedOnly: readonly NameFlag[] = ['renamed'];

/** For showing. */
function sentAsOf({ parent, sent, sentKinds }: Place): string {
  const name = escapeName(sent, sentKinds);
  if (parent === undefined) return name;
  parent.escaped ??= sentAsOf(parent);
  return `${parent.escaped}/${name}`;
}

function refuseEscape(component: string): void {
  if (!canTravel(component))
    throw new Fault('name-refused', `a name in this offer leads out of its folder: ${escapeName(component)}`);
}

/** `ending`: what stands behind the number, where there is one. */
type FreeName = { readonly name: string; readonly bytes: number; readonly ending?: string };

/** Numbered when another name of this folder would be the same on some disk. No number is tried twice for one name. */
function freeName(folder: Folder, wanted: PortableName): FreeName {
  // Whoever has parts has collided, and does so again.
  const parts = folder.parts.get(wanted.name) ?? takeOrCollide(folder, wanted);
  if (parts === undefined) return wanted;
  const { stem, extension, bytes, stemKey, extensionKey, state } = parts;
  let numbers = folder.nextNumber.get(stemKey);
  if (numbers === undefined) {
    numbers = new Map();
    folder.nextNumber.set(stemKey, numbers);
  }
  for (let number = numbers.get(extensionKey) ?? 2; ; number += 1) {
    const middle = ` (${number})`;
    const numbered = hashText(extensionKey, hashText(middle, state));
    const key = isKeptAsText(numbered) ? stemKey + middle + extensionKey : numberOf(numbered);
    if (!take(folder.taken, key)) continue;
    numbers.set(extensionKey, number + 1);
    return { name: stem + middle + extension, bytes: bytes + middle.length, ending: extension };
  }
}

/** Nothing where the name was free. */
function takeOrCollide(folder: Folder, wanted: PortableName): NumberedKeys | undefined {
  return take(folder.taken, takenKey(wanted.name, wanted)) ? undefined : partsOf(folder, wanted);
}

/** False where somebody has it. A long key is looked up once. */
function take<Key extends FoldedKey>(taken: Set<Key>, key: Key): boolean {
  const before = taken.size;
  return taken.add(key).size > before;
}

/** The number stands apart from both in every folding, so each is folded once, whatever number it gets. */
function partsOf({ parts }: Folder, { name }: PortableName): NumberedKeys {
  const { stem, extension } = numberedParts(name);
  const [stemKey, extensionKey] = [collisionKey(stem), collisionKey(extension)];
  const bytes = utf8Bytes(stem) + utf8Bytes(extension);
  const made = { stem, extension, bytes, stemKey, extensionKey, state: hashText(stemKey) };
  if (parts.size >= partsKeptMax) parts.clear();
  parts.set(name, made);
  return made;
}

/** Many names that are cut to one have the same parts; others need not be kept. */
const partsKeptMax = 64;

function isSameFolder(one: readonly string[], other: readonly string[]): boolean {
  if (one.length !== other.length) return false;
  // From the deepest: that is where neighbours differ.
  for (let at = one.length - 2; at >= 0; at -= 1) if (one[at] !== other[at]) return false;
  return true;
}

function isTooLong({ path, pathBytes }: Place): boolean {
  return path.length > pathMaxDepth || pathBytes > pathMaxBytes - 512;
}

function newFolder(place: Place): Folder {
  return {
    ...place,
    isAnnounced: false,
    escaped: undefined,
    folders: new Map(),
    files: new Set(),
    taken: new Set(),
    nextNumber: new Map(),
    parts: new Map(),
  };
}
