// What both directions share: who holds a transfer, what people see of it, and its counters. bytesDone never goes back.

import type { Clock } from '../../shared/model/clock.ts';
import type { FaultCode, FaultView } from '../../shared/model/fault.ts';
import type { ManifestEntry, ManifestTotals } from '../../shared/model/manifest.ts';
import type {
  Direction,
  FileFault,
  PauseCause,
  TransferId,
  TransferProgress,
  TransferState,
  TransferView,
} from '../../shared/model/transfer.ts';
import type { ControlMessage } from '../../shared/wire/control.ts';
import type { EngineEvent } from '../commands.ts';
import type { Disk } from '../ports.ts';

/** What a transfer needs of the link it runs over. */
export interface TransferHome {
  readonly clock: Clock;
  readonly disk: Disk;
  readonly peer: () => { readonly name: string; readonly checked: boolean };
  /** Goes nowhere while the link is down; the greeting after it brings both sides together again. */
  say(message: ControlMessage): void;
  /** Resolves once this side has said on this control which transfers of earlier links it still has. */
  claimed(): Promise<void>;
  /** Before each piece of something long. */
  roomToSay(): Promise<void>;
  emit(event: EngineEvent): void;
  /** The peer did what nobody who follows the protocol does. */
  violation(why: string): void;
  /** Something can be sent, or a share of the credit fell free. */
  stir(): void;
  /** Tells the host that carries a direct lane which attempt its blocks belong to. */
  expectDirect(transfer: TransferId, attempt: number): void;
  creditShare(): number;
  /** Of all offers that wait for an answer, as they came. */
  offeredBytes(): number;
}

type FaultAt = { readonly index: number; readonly code: FaultCode };

const shownFaultsMax = 200;
/** In the order in which they are shown: what ends by itself comes last, what a person did comes first. */
const causes: readonly PauseCause[] = ['link', 'us', 'peer', 'disk', 'source'];

export class TransferRecord {
  readonly id: TransferId;
  readonly direction: Direction;
  readonly startedAtMs: number;
  title = '';
  totals: ManifestTotals = { files: 0, folders: 0, bytes: 0 };
  wantedBytes = 0;
  wantedFiles = 0;
  filesDone = 0;
  skippedCount = 0;
  rootHash: string | undefined;
  fault: { code: FaultCode; detail?: Readonly<Record<string, number | string>> } | undefined;
  readonly faultedIndexes = new Map<number, FaultCode>();
  currentPath: readonly string[] | undefined;
  readonly #faults: FileFault[] = [];
  readonly #holds = new Map<PauseCause, Readonly<Record<string, number>> | undefined>();
  readonly #home: TransferHome;
  #endedAtMs: number | undefined;
  #bytesDone = 0;
  #rate = 0;
  #rateAtMs: number;
  #rateBytes = 0;
  #shown = '';

  constructor(home: TransferHome, id: TransferId, direction: Direction) {
    this.#home = home;
    this.id = id;
    this.direction = direction;
    this.startedAtMs = home.clock.wallClockMs();
    this.#rateAtMs = home.clock.now();
  }

  isHeld(): boolean {
    return this.#holds.size > 0;
  }

  isHeldBy(cause: PauseCause): boolean {
    return this.#holds.has(cause);
  }

  hold(cause: PauseCause, detail?: Readonly<Record<string, number>>): void {
    this.#holds.set(cause, detail);
  }

  release(cause: PauseCause): void {
    this.#holds.delete(cause);
  }

  count(bytes: number): void {
    this.#bytesDone = Math.max(this.#bytesDone, Math.min(bytes, this.wantedBytes));
  }

  addFault(index: number, code: FaultCode, path: readonly string[]): boolean {
    if (this.faultedIndexes.has(index)) return false;
    this.faultedIndexes.set(index, code);
    if (this.#faults.length < shownFaultsMax) this.#faults.push({ path, code });
    return true;
  }

  describe({ title, totals }: { readonly title: string; readonly totals: ManifestTotals }): void {
    this.title = title;
    this.totals = totals;
    this.wantedBytes = totals.bytes;
    this.wantedFiles = totals.files;
  }

  addFaults(faults: readonly FaultAt[], entries: readonly ManifestEntry[]): void {
    for (const { index, code } of faults) this.addFault(index, code, entries[index]?.path ?? []);
  }

  /** Everything that was wanted is in place, but for these. */
  arrived(rootHash: string, faults: readonly FaultAt[], entries: readonly ManifestEntry[]): void {
    this.addFaults(faults, entries);
    this.rootHash = rootHash;
    this.filesDone = this.wantedFiles - this.faultedIndexes.size;
    this.count(this.wantedBytes);
  }

  failWith(fault: FaultView): void {
    this.fault = fault.detail === undefined ? { code: fault.code } : { code: fault.code, detail: fault.detail };
  }

  reopened(): void {
    this.fault = undefined;
    this.#endedAtMs = undefined;
    this.#holds.clear();
  }

  /** Emits the view when it differs from the one shown last; `over` stamps the end once. */
  show(state: TransferState, over: boolean, resumable: boolean): void {
    if (over) this.#endedAtMs ??= this.#home.clock.wallClockMs();
    const view = this.#view(over ? state : this.#holds.size > 0 ? 'paused' : state, resumable);
    const text = JSON.stringify(view);
    if (text === this.#shown) return;
    this.#shown = text;
    this.#home.emit({ is: 'transfer', view });
  }

  progress(): TransferProgress {
    const now = this.#home.clock.now();
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
      bytesPerSecond: this.isHeld() ? 0 : Math.round(this.#rate),
    };
    return this.currentPath === undefined ? base : { ...base, currentPath: this.currentPath };
  }

  #view(state: TransferState, resumable: boolean): TransferView {
    const cause = causes.find((one) => this.#holds.has(one));
    const detail = cause === undefined ? undefined : this.#holds.get(cause);
    const fault =
      this.fault ?? (state === 'paused' && detail !== undefined ? { code: 'disk-full' as const, detail } : undefined);
    return {
      id: this.id,
      direction: this.direction,
      state,
      title: this.title,
      totals: this.totals,
      wantedBytes: this.wantedBytes,
      wantedFiles: this.wantedFiles,
      startedAtMs: this.startedAtMs,
      ...(this.#endedAtMs === undefined ? {} : { endedAtMs: this.#endedAtMs }),
      ...(state === 'paused' && cause !== undefined ? { pause: cause } : {}),
      ...(fault === undefined ? {} : { fault }),
      fileFaults: [...this.#faults],
      fileFaultCount: this.faultedIndexes.size,
      skippedCount: this.skippedCount,
      ...(this.rootHash === undefined ? {} : { rootHash: this.rootHash }),
      resumable,
    };
  }

  async writeHistory(state: 'done' | 'declined' | 'cancelled' | 'failed'): Promise<void> {
    const { name, checked } = this.#home.peer();
    await this.#home.disk.addHistory({
      transfer: this.id,
      direction: this.direction,
      title: this.title,
      peerName: name,
      checked,
      bytes: this.wantedBytes,
      files: this.wantedFiles,
      ...(state === 'done' && this.faultedIndexes.size > 0 ? { missing: this.faultedIndexes.size } : {}),
      state,
      ...(this.rootHash === undefined ? {} : { rootHash: this.rootHash }),
    });
  }
}

/** What broke over there, in words that are true here: without its host, their side has left, and ours runs. */
export function faultOver(there: FaultCode | undefined): FaultCode | undefined {
  return there === 'bridge-closed' ? 'peer-left' : there;
}
