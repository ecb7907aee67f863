// What people have in their documents and send, and every content that a file of theirs ever had: nothing else may arrive.

import { createHash } from 'node:crypto';
import { type NameTarget, portableName } from '../shared/model/name-rules.ts';
import { type Computer, documents } from './computer.ts';
import type { World } from './world.ts';

export type Picked = { readonly top: string; readonly isFolder: boolean; readonly files: readonly string[] };

const oddNames = ['con.txt', 'NUL', 'aux.b.c', 'dot.', 'blank ', 'what?.txt', 'a:b.txt', 'one|two', '"quoted".txt'];

/** What a path may be called on the disks there are. */
export function storedNames(full: string): readonly string[] {
  const names = full.split('/');
  const on = (target: NameTarget) => names.map((name) => portableName(name, target).name).join('/');
  return [full, on('posix'), on('fat')];
}

export class Sources {
  readonly #world: World;
  readonly #computer: Computer;
  /** Of each content: the names it ever had. */
  readonly #known = new Map<string, Set<string>>();
  /** A browser knows a file by its time and its size, and cannot see that the time was put back. */
  readonly heldByPage = new Set<string>();
  readonly #written = new Set<string>();
  #made = 0;

  constructor(world: World, computer: Computer) {
    this.#world = world;
    this.#computer = computer;
  }

  /** Did a file of this name ever have this content? */
  knows(name: string, bytes: Uint8Array): boolean {
    return this.#known.get(hashOf(bytes))?.has(name) === true;
  }

  make(): Picked {
    const { chance } = this.#world;
    const number = this.#made++;
    const kind = chance.weighted([
      [5, 'file'],
      [4, 'folder'],
      [1, 'many'],
      [1, 'same'],
    ] as const);
    // The same name again: it is there already, or a conflict.
    const top = kind === 'same' ? 'same' : `${this.#computer.name}${number}`;
    if (kind === 'file' || kind === 'same') {
      const name = `${top}.bin`;
      this.write(`${documents}/${name}`, this.#size());
      return { top: `${documents}/${name}`, isFolder: false, files: [`${documents}/${name}`] };
    }
    const folder = `${documents}/${top}`;
    const count = kind === 'many' ? chance.whole(20, 60) : chance.whole(0, 6);
    const files: string[] = [];
    this.#computer.files.makeFolders(`${folder}/deep/er`, 0o755);
    for (let at = 0; at < count; at += 1) {
      const full = `${folder}/${chance.pick(['', 'deep/', 'deep/er/'])}${at}.txt`;
      this.write(full, kind === 'many' ? chance.whole(0, 900) : this.#size());
      files.push(full);
    }
    // Two names here, and one on many other disks.
    const [twin] = files;
    if (twin !== undefined && !this.#computer.files.isCaseBlind && chance.hits(0.15)) {
      files.push(twin.replace('.txt', '.TXT'));
      this.write(files.at(-1)!, this.#size());
    }
    // Names here, and none on a disk of Windows.
    if (count > 0 && !this.#computer.files.isWindows && chance.hits(0.15)) {
      const full = `${folder}/${chance.pick(oddNames)}`;
      this.write(full, this.#size());
      files.push(full);
    }
    if (chance.hits(0.1)) this.#computer.files.makeLink(`${folder}/link`, '/home/user/secret');
    this.#computer.files.syncAll();
    return { top: folder, isFolder: true, files };
  }

  /** A folder with files of these sizes. */
  makeSized(sizes: readonly number[]): Picked {
    const top = `${documents}/${this.#computer.name}${this.#made++}`;
    this.#computer.files.makeFolders(top, 0o755);
    const files = sizes.map((size, at) => {
      this.write(`${top}/${at}.txt`, size);
      return `${top}/${at}.txt`;
    });
    return { top, isFolder: true, files };
  }

  #size(): number {
    const { chance } = this.#world;
    return chance.weighted([
      [1, 0],
      [4, chance.whole(1, 3_000)],
      [4, chance.whole(3_000, 20_000)],
      [2, chance.whole(20_000, 90_000)],
    ]);
  }

  write(full: string, size: number): void {
    const { files } = this.#computer;
    const bytes = new Uint8Array(size);
    // Bytes of its own and of its place, at little cost: a run writes millions.
    let state = this.#world.chance.whole(1, 0x7fffffff);
    for (let at = 0; at < size; at += 1) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
      bytes[at] = state >>> 16;
    }
    const inode = files.place(full, false).inode ?? files.createFile(full, 0o644);
    files.truncate(inode, 0);
    try {
      if (size > 0) files.write(inode, bytes, 0);
    } finally {
      // A disk that is full leaves it empty, and it may be sent so.
      inode.sync();
      files.syncAll();
      this.#remember(full, inode.bytes);
      this.#written.add(full);
    }
  }

  /** Something else writes to a file that was picked. */
  disturb(full: string): string {
    const { files } = this.#computer;
    const { inode } = files.place(full, false);
    const { chance } = this.#world;
    if (inode === undefined || inode.kind !== 'file') return 'nothing';
    const how = chance.pick([
      'overwrite',
      'append',
      'truncate',
      'delete',
      'replace by folder',
      'forbid',
      ...(this.heldByPage.has(full) ? [] : ['put the time back']),
    ]);
    const before = inode.mtimeNs;
    if (how === 'overwrite') this.write(full, chance.whole(1, 30_000));
    if (how === 'append') files.write(inode, Uint8Array.of(1, 2, 3), inode.size);
    if (how === 'truncate') files.truncate(inode, Math.floor(inode.size / 2));
    if (how === 'delete' || how === 'replace by folder') files.removeFile(full);
    if (how === 'replace by folder') files.makeFolder(full, 0o755);
    if (how === 'forbid') files.setMode(inode, 0);
    if (how === 'put the time back' && inode.size > 0) {
      files.write(inode, Uint8Array.of(chance.whole(0, 256)), chance.whole(0, inode.size));
      inode.mtimeNs = before;
    }
    const now = files.place(full, false).inode;
    if (now?.kind === 'file') this.#remember(full, now.bytes);
    return how;
  }

  /** Every file that the host reads itself gets other content of the same length. */
  rewrite(keepsTime: boolean): void {
    const { files } = this.#computer;
    for (const full of this.#written) {
      const { inode } = files.place(full, false);
      if (inode?.kind !== 'file' || this.heldByPage.has(full)) continue;
      const before = inode.mtimeNs;
      this.write(full, inode.size);
      if (keepsTime) inode.mtimeNs = before;
    }
  }

  #remember(full: string, bytes: Uint8Array): void {
    const hash = hashOf(bytes);
    const names = this.#known.get(hash) ?? new Set();
    for (const name of storedNames(full.slice(documents.length + 1))) names.add(name);
    this.#known.set(hash, names);
  }
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64');
}
