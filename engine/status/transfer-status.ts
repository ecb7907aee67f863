// What a transfer needs of the link that it runs over, and what people see of it, in either direction: its phase, who pauses it, its
// faults and counters. `bytesDone` never goes back within one attempt.

import type { Clock } from '../../shared/model/clock.ts';
import type { FaultCode } from '../../shared/model/fault.ts';
import type { ConnectionId } from '../../shared/model/link-channel.ts';
import type { ManifestEntry, ManifestTotals } from '../../shared/model/manifest.ts';
import type {
  Direction,
  EntryFault,
  FileFault,
  PauseCause,
  PersonPauseReason,
  TransferId,
  TransferProgress,
  TransferState,
  TransferView,
} from '../../shared/model/transfer.ts';
import type { ControlMessage } from '../../shared/wire/control.ts';
import type { EngineEvent } from '../commands.ts';
import type { Disk, FinishedTransfer } from '../ports.ts';

/** There is one for each peer: once it is closed, nothing that an earlier peer's transfers send reaches the next one. */
export interface TransferContext {
  readonly clock: Clock;
  readonly disk: Disk;
  readonly peer: { readonly name: string; readonly checked: boolean };
  /** The first one of this link. */
  readonly connection: ConnectionId;
  /** Aborted once there is another peer. */
  readonly signal: AbortSignal;
  /** Aborted once the link runs over another control channel. */
  readonly controlSignal: AbortSignal;
  /** Resolves once this side has sent its resume proofs on this control channel. */
  readonly claimsSent: Promise<void>;
  /** Goes nowhere while the link is down; the handshake after it brings both sides together again. */
  send(message: ControlMessage): void;
  /** Resolves when there is room for the next piece of something long, or once nobody waits for it. */
  whenRoom(signal: AbortSignal): Promise<void>;
  emit(event: EngineEvent): void;
  /** The peer did what nobody who follows the protocol does. */
  violation(why: string): void;
  /** Answers a question about whole files once those before it are answered or take long, whichever transfers they are about. */
  digestInTurn<T>(answer: () => Promise<T>): Promise<T>;
  /** Something can be sent, or a share of the credit became free. */
  schedule(): void;
  /** The other side shows small pictures of what is offered. */
  readonly takesThumbnails: boolean;
  /** The other side knows the reasons to pause that came after the first version. */
  readonly knowsPauseReasons: boolean;
  /** Blocks can go from host to host. */
  readonly hasDirectLane: boolean;
  /** Blocks of this attempt may come over a direct lane. */
  expectDirect(transfer: TransferId, attemptId: number): void;
  creditShare(): number;
  /** Bytes of all offers that wait for an answer, as they came. */
  offeredBytes(): number;
}

type ShownFault = NonNullable<TransferView['fault']>;

/** What a row shows of a state. */
export type ShownPhase = {
  readonly state: TransferState;
  readonly isOver: boolean;
  readonly isResumable: boolean;
  readonly code?: FaultCode | undefined;
};

const shownFaultsMax = 200;
/** Of their paths together, which the other side chooses: all of them are copied whenever it pauses or goes on. */
const shownFaultsMaxChars = 64 * 1024;
/** In the order in which they are shown: what ends by itself comes last, what a person did comes first. */
const causes: readonly PauseCause[] = ['link', 'us', 'cancelling', 'peer', 'disk', 'source'];

/** `unanswered`: the link ended before anybody said yes or no to the offer. */
export type TransferOutcome = FinishedTransfer['state'] | 'unanswered';

/** How it ended at the receiver. */
export type Delivered = { readonly root: string; readonly faults: readonly EntryFault[]; readonly count?: number };

/** Files, or empty folders, that did not make it. */
class Faulted {
  readonly codes = new Map<number, FaultCode>();
  readonly named: FileFault[] = [];
  /** The other side counted more than it listed. */
  unlisted = 0;
  #namedChars = 0;

  get count(): number {
    return this.codes.size + this.unlisted;
  }

  add({ index, code }: EntryFault, path: readonly string[]): boolean {
    if (this.codes.has(index)) return false;
    this.codes.set(index, code);
    const chars = path.reduce((sum, name) => sum + name.length, 0);
    if (this.named.length < shownFaultsMax && this.#namedChars + chars <= shownFaultsMaxChars) {
      this.named.push({ path, code });
      this.#namedChars += chars;
    }
    return true;
  }
}

export class TransferStatus {
  readonly id: TransferId;
  readonly direction: Direction;
  readonly startedAtMs: number;
  phase: ShownPhase;
  title = '';
  totals: ManifestTotals = { files: 0, folders: 0, bytes: 0 };
  wantedBytes = 0;
  wantedFiles = 0;
  filesDone = 0;
  skippedCount = 0;
  rootHash: string | undefined;
  readonly faultedFiles = new Faulted();
  readonly faultedFolders = new Faulted();
  currentPath: readonly string[] | undefined;
  readonly #pauses = new Map<PauseCause, ShownFault | undefined>();
  readonly #context: TransferContext;
  #personReason: PersonPauseReason = 'person';
  #inPlace = 0;
  #endedAtMs: number | undefined;
  #bytesDone = 0;
  #rate = 0;
  #rateAtMs: number;
  #rateBytes = 0;
  #shown = '';
  #isHidden = false;

  constructor(context: TransferContext, id: TransferId, direction: Direction, phase: ShownPhase) {
    this.#context = context;
    this.id = id;
    this.direction = direction;
    this.phase = phase;
    this.startedAtMs = context.clock.wallClockMs();
    this.#rateAtMs = context.clock.now();
  }

  get isPaused(): boolean {
    return this.#pauses.size > 0;
  }

  isPausedBy(cause: PauseCause): boolean {
    return this.#pauses.has(cause);
  }

  /** What made it pause. */
  pausedFor(cause: PauseCause): FaultCode | undefined {
    return this.#pauses.get(cause)?.code;
  }

  /** `fault`: what made it pause. */
  pause(cause: PauseCause, fault?: ShownFault): void {
    this.#pauses.set(cause, fault);
  }

  /** A person here pauses it. */
  pauseByPerson(why: PersonPauseReason): void {
    this.#personReason = why;
    this.pause('us');
  }

  /** What the other side is told of that, in words that it knows; nothing while nobody here pauses it. */
  get personReason(): PersonPauseReason | undefined {
    if (!this.isPausedBy('us')) return undefined;
    return this.#context.knowsPauseReasons ? this.#personReason : 'person';
  }

  /** A person there pauses it. The last reason stands. */
  pauseByPeer(why: PersonPauseReason): void {
    this.unpauseByPeer();
    this.pause(why === 'cancel' ? 'cancelling' : 'peer');
  }

  unpauseByPeer(): void {
    this.unpause('peer', 'cancelling');
  }

  unpause(...which: readonly PauseCause[]): void {
    for (const cause of which) this.#pauses.delete(cause);
  }

  clearPauses(): void {
    this.#pauses.clear();
  }

  count(bytes: number): void {
    this.#bytesDone = Math.max(this.#bytesDone, Math.min(bytes, this.wantedBytes));
  }

  /** Another attempt: the receiver may hold less than was counted before. */
  recount(bytes: number): void {
    this.#bytesDone = 0;
    this.count(bytes);
  }

  describe({ title, totals }: { readonly title: string; readonly totals: ManifestTotals }): void {
    this.title = title;
    this.totals = totals;
    this.wantedBytes = totals.bytes;
    this.wantedFiles = totals.files;
  }

  /** Returns whether it is a new one. */
  addFault(fault: EntryFault, entries: readonly ManifestEntry[]): boolean {
    const entry = entries[fault.index];
    const isFolder = fault.isFolder === true || entry?.kind === 'folder';
    return (isFolder ? this.faultedFolders : this.faultedFiles).add(fault, entry?.path ?? []);
  }

  /** Everything that was wanted is in place, but for these. `count`: with those that are not listed. */
  setDelivered({ root, faults, count = 0 }: Delivered, entries: readonly ManifestEntry[]): void {
    for (const fault of faults) this.addFault(fault, entries);
    const { faultedFiles, faultedFolders } = this;
    const unlisted = Math.max(0, count - faultedFiles.count - faultedFolders.count);
    // Folders are listed first: what is not listed are files, as far as there are any.
    const files = Math.min(unlisted, Math.max(0, this.wantedFiles - faultedFiles.count));
    faultedFiles.unlisted = files;
    faultedFolders.unlisted = unlisted - files;
    this.rootHash = root;
    this.filesDone = Math.max(0, this.wantedFiles - faultedFiles.count);
    this.count(this.wantedBytes);
  }

  /** It was cancelled while it was being published, and so many files have their names. */
  keepsInPlace(files: number): void {
    this.#inPlace = files;
    this.show();
  }

  /** The person has removed its row: nothing brings it back. */
  hide(): void {
    this.#isHidden = true;
  }

  /** Emits the view when it differs from the one shown last. */
  show(): void {
    if (this.#isHidden) return;
    this.#endedAtMs = this.phase.isOver ? (this.#endedAtMs ?? this.#context.clock.wallClockMs()) : undefined;
    const view = this.#view();
    const text = JSON.stringify(view);
    if (text === this.#shown) return;
    this.#shown = text;
    this.#context.emit({ is: 'transfer', view });
  }

  progress(): TransferProgress {
    const now = this.#context.clock.now();
    const elapsed = now - this.#rateAtMs;
    if (elapsed > 0) {
      const sample = ((this.#bytesDone - this.#rateBytes) * 1000) / elapsed;
      const weight = Math.min(1, elapsed / 1500);
      this.#rate = Math.max(0, this.#rate + (sample - this.#rate) * weight);
      this.#rateAtMs = now;
      this.#rateBytes = this.#bytesDone;
    }
    const base = {
      id: this.id,
      bytesDone: this.#bytesDone,
      bytesTotal: this.wantedBytes,
      filesDone: this.filesDone,
      bytesPerSecond: this.isPaused ? 0 : Math.round(this.#rate),
    };
    return this.currentPath === undefined ? base : { ...base, currentPath: this.currentPath };
  }

  /** What nobody answered is offered anew, or not at all: nothing of it has failed. */
  async writeHistory(state: TransferOutcome): Promise<void> {
    if (state === 'unanswered') return;
    const { name, checked } = this.#context.peer;
    const missing = this.#inPlace > 0 ? this.wantedFiles - this.#inPlace : this.faultedFiles.count;
    const missingFolders = this.faultedFolders.count;
    const isPart = this.#inPlace > 0 || (state === 'done' && missing > 0);
    await this.#context.disk.addHistory({
      transfer: this.id,
      direction: this.direction,
      title: this.title,
      peerName: name,
      checked,
      bytes: this.wantedBytes,
      files: this.wantedFiles,
      ...(isPart ? { missing } : {}),
      ...(state === 'done' && missingFolders > 0 ? { missingFolders } : {}),
      state,
      ...(this.rootHash === undefined ? {} : { rootHash: this.rootHash }),
    });
  }

  #view(): TransferView {
    const { phase, faultedFolders: folders } = this;
    const cause = phase.isOver ? undefined : causes.find((one) => this.#pauses.has(one));
    const fault =
      phase.code !== undefined ? { code: phase.code } : cause === undefined ? undefined : this.#pauses.get(cause);
    return {
      id: this.id,
      direction: this.direction,
      state: cause === undefined ? phase.state : 'paused',
      title: this.title,
      totals: this.totals,
      wantedBytes: this.wantedBytes,
      wantedFiles: this.wantedFiles,
      startedAtMs: this.startedAtMs,
      ...(this.#endedAtMs === undefined ? {} : { endedAtMs: this.#endedAtMs }),
      ...(cause === undefined ? {} : { pause: cause }),
      ...(fault === undefined ? {} : { fault }),
      fileFaults: [...this.faultedFiles.named],
      fileFaultCount: this.faultedFiles.count,
      ...(folders.count > 0 ? { folderFaults: { count: folders.count, named: [...folders.named] } } : {}),
      skippedCount: this.skippedCount,
      ...(this.#inPlace > 0 ? { inPlaceCount: this.#inPlace } : {}),
      ...(this.rootHash === undefined ? {} : { rootHash: this.rootHash }),
      resumable: phase.isResumable,
    };
  }
}
