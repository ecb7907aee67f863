// The files of an incoming transfer as the host has them: the list is handed on, a place is made for them, they are published and
// put away. Calls to the host keep their order, and what comes of them is an event for `receive-state.ts`.

import type { ConflictPolicy } from '../../shared/ipc/views.ts';
import { type FaultCode, toFaultView } from '../../shared/model/fault.ts';
import { firstFileOf, type Layout, layOut } from '../../shared/model/layout.ts';
import type { ManifestEntry } from '../../shared/model/manifest.ts';
import type { ControlMessage, ControlOf } from '../../shared/wire/control.ts';
import type { Sink } from '../ports.ts';
import type { TransferContext, TransferStatus } from '../status/transfer-status.ts';
import { IdenticalFiles } from './identical-files.ts';
import { OfferList } from './offer-list.ts';
import type { ReceiveEvent } from './receive-state.ts';
import { ReceivedBlocks } from './received-blocks.ts';

export type IncomingFilesParts = {
  readonly context: TransferContext;
  readonly status: TransferStatus;
  readonly sink: Sink;
  /** What an earlier one of the same name has under way at the host. */
  readonly after: Promise<unknown>;
  readonly notify: (event: ReceiveEvent) => void;
};

export class IncomingFiles {
  readonly #parts: IncomingFilesParts;
  #calls: Promise<void>;
  /** What is under way ends with it: a list, a layout. */
  #scope = new AbortController();
  /** None where it comes from the host's records. */
  #list: OfferList | undefined;
  #received: ReceivedBlocks | undefined;
  /** Of what was chosen of the list. */
  #layout: Layout | undefined;
  #identical: IdenticalFiles | undefined;
  #isCalledOff = false;
  /** The host did not begin it. What it keeps under this id, if anything, came over an earlier link, and is not for this offer to end. */
  #isRefused = false;
  /** Faults that the host was told of since it opened this transfer. */
  #toldFaults = new Set<number>();

  constructor(parts: IncomingFilesParts) {
    this.#parts = parts;
    this.#calls = parts.after.then(() => undefined);
  }

  get entries(): readonly ManifestEntry[] {
    return this.#list?.entries ?? [];
  }

  /** Of the list, as it came. */
  get listBytes(): number {
    return this.#list?.bytes ?? 0;
  }

  /** None before there is a place for them. */
  get received(): ReceivedBlocks | undefined {
    return this.#received;
  }

  /** The file that a block begins with, where there is a list. */
  pathAt(block: number): readonly string[] | undefined {
    const index = this.#layout === undefined ? undefined : firstFileOf(this.#layout, block);
    return index === undefined ? undefined : this.entries[index]?.path;
  }

  /** Resolves when the host has done what it was asked for so far. */
  get settled(): Promise<void> {
    return this.#calls;
  }

  beginList({ secret, totals }: ControlOf<'offer'>): void {
    const { name: peerName, checked } = this.#parts.context.peer;
    this.#list?.drop();
    this.#list = new OfferList(totals);
    this.#enqueue(async () => {
      this.#isRefused = true;
      await this.#parts.sink.begin({ secret, peerName, checked });
      this.#isRefused = false;
    });
  }

  /** False when it is not the part that comes next. Throws where the offer cannot be believed or held. */
  addPart(message: ControlOf<'manifest'>): boolean {
    const list = this.#list;
    if (list?.isNext(message.part) !== true) return false;
    const { signal } = this.#scope;
    const isFirst = list.add(message, () => this.#parts.context.offeredBytes());
    if (isFirst) this.#enqueue(() => this.#handOver(list, signal));
    return true;
  }

  /** `send` asks the sender for hashes of files that may be here already. */
  layOut(conflict: ConflictPolicy, send: (message: ControlMessage) => void): void {
    const { signal } = this.#scope;
    this.#enqueue(async () => this.#layOut(conflict === 'skip' ? await this.#findIdentical(send, signal) : [], signal));
  }

  reopen(): void {
    const { signal } = this.#scope;
    // A disk that was full may have kept nothing of what it was told.
    this.#toldFaults = new Set();
    this.#enqueue(async () => {
      if (signal.aborted) return;
      const kept = await this.#parts.sink.reopen();
      if (signal.aborted) return;
      this.#parts.status.describe(kept);
      if (kept.published === undefined) return this.#layOut([], signal);
      const { files, ...published } = kept.published;
      this.#parts.status.wantedFiles = files;
      this.#parts.notify({ is: 'published', ...published });
    });
  }

  repeatDigestRequest(): void {
    this.#identical?.repeatRequest();
  }

  /** Returns whether anybody had asked for that many. */
  onDigests(digests: readonly (string | null)[]): boolean {
    return this.#identical?.onDigests(digests) ?? false;
  }

  noteFault(index: number, code: FaultCode): void {
    if (this.#toldFaults.has(index)) return;
    this.#toldFaults.add(index);
    this.#enqueue(() => this.#parts.sink.fault(index, code));
  }

  publish(root: string): void {
    const { notify, sink } = this.#parts;
    this.#isCalledOff = false;
    this.#enqueue(async () => {
      if (!this.#isCalledOff && (await this.#received?.contradicts(root))) {
        return notify({ is: 'broke', by: 'us', code: 'hash-mismatch' });
      }
      // Nothing is in place yet: it counts that it was called off.
      if (this.#isCalledOff) return notify({ is: 'broke', by: 'us', code: 'internal' });
      const { faults } = await sink.commit(root);
      notify({ is: 'published', root, faults });
    });
  }

  /** What is not being published yet never is. */
  callOff(): void {
    this.#isCalledOff = true;
  }

  /** Ends what is under way, but for publishing. */
  stop(): void {
    this.#scope.abort();
    this.#scope = new AbortController();
  }

  /** A stranger may offer and withdraw long lists for ever, and whoever is let may send many. */
  forgetList(): void {
    this.#list?.drop();
    this.#list = undefined;
    this.#layout = undefined;
  }

  close(keep: boolean, then: (inPlace: number) => Promise<void> = async () => undefined): void {
    let inPlace = 0;
    this.#enqueue(async () => {
      if (!this.#isRefused) ({ inPlace } = await this.#parts.sink.close(keep));
    });
    this.#enqueue(() => then(inPlace));
  }

  /** Of a list that was dropped meanwhile nothing waits any more: it is not planned either. */
  async #handOver(list: OfferList, signal: AbortSignal): Promise<void> {
    for (let part = list.nextForHost; part !== undefined; part = list.nextForHost) {
      if (signal.aborted) return;
      await this.#parts.sink.entries(part.entries);
      if (list.partTaken()) await this.#plan(list, signal);
    }
  }

  async #plan(list: OfferList, signal: AbortSignal): Promise<void> {
    const plan = await this.#parts.sink.plan();
    // Over another control channel the same transfer may have been offered anew meanwhile: that list is not here yet.
    if (signal.aborted || this.#list !== list) return;
    this.#parts.status.title = plan.title;
    this.#parts.notify({ is: 'listed', plan });
  }

  #findIdentical(send: (message: ControlMessage) => void, signal: AbortSignal): Promise<number[]> {
    const transfer = this.#parts.status.id;
    const request = (indexes: number[]) => send({ type: 'digest-request', transfer, indexes });
    this.#identical = new IdenticalFiles(this.#parts.sink, request, signal);
    return this.#identical.find();
  }

  async #layOut(leaveOut: readonly number[], signal: AbortSignal): Promise<void> {
    const { notify, sink, status } = this.#parts;
    if (signal.aborted) return;
    const started = await sink.start(leaveOut);
    if (signal.aborted) return;
    status.wantedBytes = started.totalBytes;
    status.wantedFiles = started.files;
    this.#received = new ReceivedBlocks(started);
    this.#layout = this.#list === undefined ? undefined : layOut(this.#list.entries, started.selection);
    notify({ is: 'started', isLaidOut: this.#received.count > 0 });
  }

  #enqueue(task: () => Promise<void>): void {
    this.#calls = this.#calls.then(task).catch((error: unknown) => {
      this.#parts.notify({ is: 'broke', by: 'us', code: toFaultView(error).code });
    });
  }
}
