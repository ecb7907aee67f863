// What is sent, as its host has it: opened or taken up again, listed, and put away after everything that was begun, so that
// nothing comes open again behind a transfer that is over.

import type { ManifestEntry } from '../../shared/model/manifest.ts';
import type { Source } from '../ports.ts';

export class OpenSource {
  readonly source: Source;
  #entries: readonly ManifestEntry[] = [];
  #opening: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> = Promise.resolve();
  /** Counts what was begun; what an end interrupted stops where it is. */
  #beginnings = 0;

  constructor(source: Source) {
    this.source = source;
  }

  get entries(): readonly ManifestEntry[] {
    return this.#entries;
  }

  /** Resolves when everything that was put away so far is. */
  get closed(): Promise<void> {
    return this.#closing;
  }

  /** Answers nothing where it was interrupted. */
  open(peerName: string): Promise<Awaited<ReturnType<Source['open']>> | undefined> {
    return this.#begin(() => this.source.open(peerName));
  }

  reopen(): Promise<Awaited<ReturnType<Source['reopen']>> | undefined> {
    return this.#begin(() => this.source.reopen());
  }

  interrupt(): void {
    this.#beginnings += 1;
  }

  putAway(keep: boolean, then: () => Promise<void> = () => Promise.resolve()): void {
    this.interrupt();
    this.#closing = Promise.all([this.#closing, this.#opening])
      .then(() => this.source.close(keep))
      .then(then)
      .catch(() => undefined);
  }

  async #begin<T>(open: () => Promise<T>): Promise<T | undefined> {
    const beginning = ++this.#beginnings;
    await this.#closing;
    const opening = open();
    this.#opening = opening.catch(() => undefined);
    const opened = await opening;
    if (beginning === this.#beginnings) await this.#list();
    if (beginning === this.#beginnings) return opened;
    // Whoever interrupted it may have thought that nothing was open.
    this.#closing = this.#closing.then(() => this.source.close(true)).catch(() => undefined);
    return undefined;
  }

  async #list(): Promise<void> {
    const entries: ManifestEntry[] = [];
    for (let from: number | null = 0; from !== null; ) {
      const part: { entries: readonly ManifestEntry[]; next: number | null } = await this.source.manifest(from);
      entries.push(...part.entries);
      from = part.next;
    }
    this.#entries = entries;
  }
}
