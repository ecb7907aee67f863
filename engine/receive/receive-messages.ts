// What a receiver says to an attempt of the sender. While the control is another one and the sender has not said yet that it goes
// on, there is no attempt, and nothing is said.

import type { IndexRange, Selection } from '../../shared/model/manifest.ts';
import type { TransferId } from '../../shared/model/transfer.ts';
import type { ControlMessage } from '../../shared/wire/control.ts';
import type { TransferHome, TransferRecord } from '../status/transfer-status.ts';

const rangesPerMessage = 2_000;
const faultsPerMessage = 512;

export type Standing = {
  readonly selection: Selection;
  readonly held: readonly IndexRange[];
  readonly credit: number;
};

export class ReceiveTalk {
  readonly #home: TransferHome;
  readonly #id: TransferId;
  readonly #record: TransferRecord;
  #tag = 0;
  #isBetween = false;

  constructor(home: TransferHome, id: TransferId, record: TransferRecord) {
    this.#home = home;
    this.#id = id;
    this.#record = record;
  }

  get tag(): number {
    return this.#tag;
  }

  /** Another control. */
  pause(): void {
    this.#isBetween = true;
  }

  /** The sender begins, or goes on. */
  begin(tag: number): void {
    this.#tag = tag;
    this.#isBetween = false;
  }

  get isBetween(): boolean {
    return this.#isBetween;
  }

  say(message: ControlMessage): void {
    if (!this.#isBetween) this.#home.say(message);
  }

  accept({ selection, held, credit }: Standing): void {
    const all = selection === 'all';
    if (!all) this.#sayRanges('choose', selection);
    this.#sayRanges('held', held);
    this.say({ type: 'accept', transfer: this.#id, tag: this.#tag, all, credit });
    if (this.#record.isHeldBy('us')) this.say({ type: 'pause', transfer: this.#id, why: 'person' });
  }

  stored(ranges: [number, number][], credit: number): void {
    this.say({ type: 'stored', transfer: this.#id, tag: this.#tag, ranges, credit });
  }

  again(block: number, why: 'damaged' | 'unwritten'): void {
    this.say({ type: 'nack', transfer: this.#id, tag: this.#tag, block, why });
  }

  delivered(): void {
    const { rootHash, faultedIndexes } = this.#record;
    const faults = [...faultedIndexes].slice(0, faultsPerMessage).map(([index, code]) => ({ index, code }));
    const faultCount = faultedIndexes.size;
    this.say({ type: 'delivered', transfer: this.#id, root: rootHash ?? '', faults, faultCount });
  }

  #sayRanges(type: 'choose' | 'held', ranges: readonly IndexRange[]): void {
    for (let at = 0; at < ranges.length; at += rangesPerMessage) {
      const some = ranges.slice(at, at + rangesPerMessage).map(([from, to]): [number, number] => [from, to]);
      this.say({ type, transfer: this.#id, ranges: some });
    }
  }
}
