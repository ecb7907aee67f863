// Walks down to a folder below the destination, step by step through handles, and makes what is missing where that is wanted. No step
// follows a link, and none can be redirected by renaming: each name is looked up in the folder that is held open.

import path from 'node:path';
import { Fault } from '../../shared/model/fault.ts';
import type { Disk, DiskFolder } from '../disk/disk.ts';
import { errnoOf } from '../disk/disk-fault.ts';
import { leadsAway } from './disk-path.ts';

type Step = { readonly name: string; readonly folder: DiskFolder };

export class FolderChain {
  readonly #disk: Disk;
  readonly #root: string;
  readonly #makes: boolean;
  readonly #steps: Step[] = [];

  constructor(disk: Disk, root: string, { makes }: { readonly makes: boolean }) {
    this.#disk = disk;
    this.#root = root;
    this.#makes = makes;
  }

  /** Answers where to work in that folder, until the next call. Neighbours share most of their way. */
  async enter(names: readonly string[]): Promise<string> {
    const shared = this.#steps.findIndex(({ name }, at) => name !== names[at]);
    if (shared !== -1) await this.#leave(shared);
    for (const name of names.slice(this.#steps.length)) {
      // The log of a publishing lies on a disk that others may have had in their hands.
      if (leadsAway(name)) throw new Fault('destination-refused', 'a path leaves its folder');
      const folder = await this.#step(path.join(this.#path, name));
      this.#steps.push({ name, folder });
    }
    return this.#path;
  }

  /** The same, and nothing where the folder is not there, or a link or a file is in the way. */
  async reach(names: readonly string[]): Promise<string | undefined> {
    try {
      return await this.enter(names);
    } catch (error) {
      const isAway = errnoOf(error) === 'ENOENT' || (error instanceof Fault && error.code === 'destination-refused');
      if (isAway) return undefined;
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#leave(0);
  }

  /** Of the folder that was entered; none of the root. */
  get device(): bigint | undefined {
    return this.#steps.at(-1)?.folder.facts.dev;
  }

  get #path(): string {
    return this.#steps.at(-1)?.folder.path ?? this.#root;
  }

  async #step(folder: string): Promise<DiskFolder> {
    try {
      if (this.#makes) await this.#disk.makeFolder(folder);
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error;
    }
    try {
      return await this.#disk.openFolder(folder);
    } catch (error) {
      const errno = errnoOf(error);
      if (errno !== 'ENOTDIR' && errno !== 'ELOOP') throw error;
      throw new Fault('destination-refused', 'a link or a file is in the way', { cause: error });
    }
  }

  async #leave(kept: number): Promise<void> {
    for (const { folder } of this.#steps.splice(kept).reverse()) await folder.close();
  }
}
