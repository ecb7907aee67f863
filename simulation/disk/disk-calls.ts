// Every call to one computer's disk, in its order, and what becomes of it: done, refused, slow, or the moment of a power cut.

import type { World } from '../world.ts';
import { DiskError } from './file-system.ts';

export type Call = { readonly name: string; readonly path: string };

/** At one call of a run, counted from 1. */
export type Strike =
  | { readonly at: number; readonly is: 'crash' | 'kill'; readonly when: 'before' | 'after' }
  | { readonly at: number; readonly is: 'error'; readonly errno: string };

const errnosOf: Readonly<Record<string, readonly string[]>> = {
  read: ['EIO'],
  write: ['EIO', 'ENOSPC', 'EDQUOT', 'EFBIG'],
  sync: ['EIO', 'ENOSPC'],
  open: ['EMFILE', 'EACCES', 'EIO', 'ENOSPC', 'EBUSY'],
  name: ['EBUSY', 'EACCES', 'ENOSPC', 'EIO', 'EPERM', 'EROFS'],
  facts: ['EIO', 'EACCES'],
};

const familyOf: Readonly<Record<string, keyof typeof errnosOf>> = {
  read: 'read',
  readSync: 'read',
  readText: 'read',
  list: 'read',
  write: 'write',
  writeParts: 'write',
  append: 'write',
  writeSync: 'write',
  sync: 'sync',
  syncData: 'sync',
  syncFolder: 'sync',
  syncWholeDisk: 'sync',
  open: 'open',
  openSync: 'open',
  openFolder: 'open',
  makeFolder: 'name',
  makeFolders: 'name',
  mkdirSync: 'name',
  rename: 'name',
  renameSync: 'name',
  link: 'name',
  removeFile: 'name',
  unlinkSync: 'name',
  removeEmptyFolder: 'name',
  removeAll: 'name',
  facts: 'facts',
  factsBehindLinks: 'facts',
  fstatSync: 'facts',
  room: 'facts',
};

/** Errors that a call of this name may give. */
export function errnosFor(name: string): readonly string[] {
  return errnosOf[familyOf[name] ?? ''] ?? [];
}

export class DiskCalls {
  readonly #world: World;
  readonly #computer: string;
  count = 0;
  readonly names: string[] = [];
  /** Share of calls that fail by chance. */
  errorShare = 0;
  /** Only calls with one of these in their path. */
  errorsIn: readonly string[] = [];
  isSlow = false;
  strike: Strike | undefined;
  onStrike: (how: 'crash' | 'kill') => void = () => undefined;
  /** When a call last failed because of what this class does to it. */
  failedMs = 0;
  /** A disk that says so once may be one without links, as far as the program knows. */
  hasRefusedLink = false;
  /** So that a sweep can count. */
  isListing = false;

  constructor(world: World, computer: string) {
    this.#world = world;
    this.#computer = computer;
  }

  latencyMs(): number {
    const { chance } = this.#world;
    if (this.isSlow && chance.hits(0.3)) return chance.between(50, 400);
    return chance.hits(0.02) ? chance.between(1, 30) : chance.between(0.02, 0.3);
  }

  /** Runs `work` or throws an errno. `isAlive` is asked again where a strike may have ended everything. */
  run<T>(call: Call, isAlive: () => boolean, work: () => T): T | typeof died {
    this.count += 1;
    if (this.isListing) this.names.push(call.name);
    const { strike } = this;
    const isStruck = strike?.at === this.count;
    if (isStruck && strike.is !== 'error' && strike.when === 'before') {
      this.onStrike(strike.is);
      return died;
    }
    const errno = isStruck && strike.is === 'error' ? strike.errno : this.#errnoByChance(call);
    this.#world.note(`${this.#computer} ${call.name} ${call.path}${errno === undefined ? '' : ` ${errno}`}`);
    if (errno !== undefined) {
      this.#world.count(`errno ${errno}`);
      this.failedMs = this.#world.nowMs;
      if (call.name === 'link' && errno === 'EPERM') this.hasRefusedLink = true;
      if (familyOf[call.name] === 'sync') failedSyncs.get(call)?.();
      throw new DiskError(errno);
    }
    const answer = work();
    if (isStruck && strike.is !== 'error') this.onStrike(strike.is);
    return isAlive() ? answer : died;
  }

  #errnoByChance({ name, path }: Call): string | undefined {
    if (this.errorShare === 0 || !this.errorsIn.some((where) => path.includes(where))) return undefined;
    if (!this.#world.chance.hits(this.errorShare)) return undefined;
    const errnos = errnosFor(name);
    return errnos.length === 0 ? undefined : this.#world.chance.pick(errnos);
  }
}

/** The program that asked is gone; nobody hears the answer. */
export const died = Symbol('died');

/** What a sync that fails does to the file, by its call. */
export const failedSyncs = new WeakMap<Call, () => void>();
