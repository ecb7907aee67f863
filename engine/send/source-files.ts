// The files that are sent, as the host has them. `SourceFiles` opens, lists and puts them away, after everything that was begun, so that
// nothing is left open behind a transfer that is over. `SourceReader` is what one attempt reads of them.

import { layOut } from '../../shared/model/layout.ts';
import type { ManifestEntry, Selection } from '../../shared/model/manifest.ts';
import type { AttemptScope } from '../attempt-scope.ts';
import type { DirectSent, IndexedFault, Source, SourceBlock } from '../ports.ts';
import type { TransferContext, TransferStatus } from '../status/transfer-status.ts';

const faultsPerMessage = 512;

export class SourceFiles {
  readonly source: Source;
  /** Each is drawn once, or once found to be none: how often a file is offered again is up to the receiver. */
  readonly thumbnail: Source['thumbnail'];
  #entries: readonly ManifestEntry[] = [];
  #blocksMax = 0;
  /** By the index of the file. */
  readonly #thumbnails = new Map<number, Promise<string | undefined>>();
  #opening: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> = Promise.resolve();
  #interrupt = new AbortController();

  constructor(source: Source) {
    this.source = source;
    const draw = source.thumbnail;
    if (draw === undefined) return;
    this.thumbnail = (index) => {
      const drawn = this.#thumbnails.get(index) ?? draw(index).catch(() => undefined);
      this.#thumbnails.set(index, drawn);
      return drawn;
    };
  }

  get entries(): readonly ManifestEntry[] {
    return this.#entries;
  }

  /** Of all files together. Looked at in every attempt, and the receiver chooses how many there are: so it is counted once. */
  get blocksMax(): number {
    return this.#blocksMax;
  }

  /** Resolves when everything that was put away so far is, and what was interrupted so far is closed. */
  async closed(): Promise<void> {
    await Promise.all([this.#opening, this.#closing]);
  }

  /** Resolves with nothing where it was interrupted. */
  open(peerName: string): Promise<Awaited<ReturnType<Source['open']>> | undefined> {
    return this.#begin(() => this.source.open(peerName));
  }

  reopen(): Promise<Awaited<ReturnType<Source['reopen']>> | undefined> {
    return this.#begin(() => this.source.reopen());
  }

  interrupt(): void {
    this.#interrupt.abort();
  }

  putAway(keep: boolean, then: () => Promise<void>): void {
    this.interrupt();
    if (!keep) this.#thumbnails.clear();
    this.#closing = this.closed()
      .then(() => this.source.close(keep))
      .then(then)
      .catch(() => undefined);
  }

  #begin<T>(open: () => Promise<T>): Promise<T | undefined> {
    this.interrupt();
    this.#interrupt = new AbortController();
    const begun = this.#openWhole(open, this.#interrupt.signal);
    this.#opening = begun.catch(() => undefined);
    return begun;
  }

  async #openWhole<T>(open: () => Promise<T>, signal: AbortSignal): Promise<T | undefined> {
    await this.closed();
    if (signal.aborted) return undefined;
    try {
      const opened = await open();
      if (!signal.aborted) await this.#list();
      if (!signal.aborted) return opened;
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    // Whoever interrupted it may have thought that nothing was open.
    await this.source.close(true).catch(() => undefined);
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
    this.#blocksMax = layOut(entries, 'all').blocks;
  }
}

export type SourceReaderParts = {
  readonly context: TransferContext;
  readonly status: TransferStatus;
  readonly files: SourceFiles;
  readonly scope: AttemptScope;
};

/** Names every file that cannot be read, once in each attempt, before anything of it counts as whole. */
export class SourceReader {
  readonly #parts: SourceReaderParts;

  constructor(parts: SourceReaderParts) {
    this.#parts = parts;
  }

  /** What was named in an earlier attempt may have been lost with its link. */
  repeatFaults(): void {
    this.#send([...this.#parts.status.faultedFiles.codes].map(([index, code]) => ({ index, code })));
  }

  select(selection: Selection): Promise<void> {
    return this.#parts.scope.own(this.#parts.files.source.select(selection));
  }

  read(block: number): Promise<SourceBlock> {
    return this.#own(this.#parts.files.source.read(block));
  }

  sendDirect(attemptId: number, block: number): Promise<DirectSent> {
    const { files, scope } = this.#parts;
    return this.#own(files.source.sendDirect(attemptId, block, scope.signal));
  }

  knownHashes(from: number, count: number): Promise<Uint8Array> {
    return this.#parts.scope.own(this.#parts.files.source.knownHashes(from, count));
  }

  async #own<T extends { readonly faults: readonly IndexedFault[] }>(reading: Promise<T>): Promise<T> {
    const { files, scope, status } = this.#parts;
    const answer = await scope.own(reading);
    const fresh = answer.faults.filter((fault) => status.addFault(fault, files.entries));
    if (fresh.length > 0) {
      status.show();
      this.#send(fresh);
    }
    return answer;
  }

  #send(faults: readonly IndexedFault[]): void {
    const { context, status } = this.#parts;
    for (let at = 0; at < faults.length; at += faultsPerMessage) {
      const some = faults.slice(at, at + faultsPerMessage).map(({ index, code }) => ({ index, code }));
      context.send({ type: 'file-faults', transfer: status.id, faults: some });
    }
  }
}
