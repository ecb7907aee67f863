// One JSON file of the data folder and its content in memory. Promises: a file that is there but cannot be read now is never
// taken for an empty one and written over; it is read again before anything is changed. Damaged content is renamed and kept.

import { damagedName, keepDamaged, readJson, writeAtomically } from './atomic-file.ts';
import type { Disk } from './disk.ts';
import { isNotThere } from './disk-fault.ts';

export type JsonFileOptions<T> = {
  readonly disk: Disk;
  readonly file: string;
  readonly empty: T;
  /** What counts while the file is there and cannot be read, and once a damaged one was set aside. The empty one where nothing is said. */
  readonly unreadable?: T;
  /** A change counts once it is written; otherwise at once, and on where the disk refuses it. */
  readonly isWrittenFirst?: boolean;
  /** Nothing for content that is damaged. */
  parse(raw: unknown): T | undefined;
  format(content: T): string;
};

export class JsonFile<T> {
  readonly #options: JsonFileOptions<T>;
  #content: T;
  #isLoaded = false;
  #loading: Promise<T> | undefined;
  #changing: Promise<unknown> = Promise.resolve();

  private constructor(options: JsonFileOptions<T>) {
    this.#options = options;
    this.#content = options.unreadable ?? options.empty;
  }

  static async open<T>(options: JsonFileOptions<T>): Promise<JsonFile<T>> {
    const opened = new JsonFile(options);
    // Whoever needs it is told; the rest of the program runs without it.
    await opened.load().catch(() => undefined);
    return opened;
  }

  get content(): T {
    return this.#content;
  }

  /**
   * Throws a Fault `data-unreadable` when the file is there and cannot be read. Asked twice, it is read once: what was read before a
   * change would otherwise take the place of it.
   */
  async load(): Promise<T> {
    if (this.#isLoaded) return this.#content;
    this.#loading ??= this.#read().finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async #read(): Promise<T> {
    const { disk, file, parse } = this.#options;
    const raw = await readJson(disk, file);
    const content = raw === undefined ? undefined : parse(raw);
    if (raw !== undefined && content === undefined) await keepDamaged(disk, file);
    this.#content = content ?? (await this.#contentOfNone());
    this.#isLoaded = true;
    return this.#content;
  }

  async #contentOfNone(): Promise<T> {
    const { disk, file, empty, unreadable } = this.#options;
    if (unreadable === undefined) return empty;
    const isSetAside = await disk.facts(damagedName(file)).then(
      () => true,
      (error: unknown) => !isNotThere(error),
    );
    return isSetAside ? unreadable : empty;
  }

  /** One after the other. Resolves when it is on the disk. */
  change(update: (content: T) => T): Promise<T> {
    const changed = this.#changing.then(async () => {
      const { disk, file, format, isWrittenFirst = false } = this.#options;
      const next = update(await this.load());
      if (!isWrittenFirst) this.#content = next;
      await writeAtomically(disk, file, format(next));
      this.#content = next;
      return next;
    });
    this.#changing = changed.catch(() => undefined);
    return changed;
  }

  /** Resolves once nothing is being written any more, well or not. */
  async idle(): Promise<void> {
    await this.#changing;
  }
}
