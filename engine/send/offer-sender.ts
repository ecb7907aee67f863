// What is said about an offer until the receiver's yes: the list, no faster than control takes it, hashes of whole files where
// they are asked for, and what the receiver chooses and holds. All of it belongs to one attempt and is void in the next.

import { type Layout, layOut } from '../../shared/model/layout.ts';
import type { IndexRange, ManifestEntry, Selection } from '../../shared/model/manifest.ts';
import type { TransferId } from '../../shared/model/transfer.ts';
import type { ControlOf } from '../../shared/wire/control.ts';
import { digestAsksMax, transferMaxBlocks } from '../../shared/wire/limits.ts';
import type { Source } from '../ports.ts';
import type { TransferHome, TransferRecord } from '../status/transfer-status.ts';
import { manifestParts } from './manifest-parts.ts';
import { ToldRanges } from './range-list.ts';

export type OfferTalkPorts = {
  readonly home: TransferHome;
  readonly id: TransferId;
  readonly secret: string;
  readonly record: TransferRecord;
  digests: Source['digests'];
  entries(): readonly ManifestEntry[];
  tag(): number;
  isOffered(): boolean;
  isOver(): boolean;
};

export type Yes = { readonly selection: Selection; readonly held: readonly IndexRange[]; readonly layout: Layout };

export class OfferTalk {
  readonly #ports: OfferTalkPorts;
  readonly #chosen = new ToldRanges();
  readonly #held = new ToldRanges();
  readonly #digestAsks = new Map<number, number>();
  /** Counts the times the list was begun; an older telling stops where it is. */
  #tellings = 0;

  constructor(ports: OfferTalkPorts) {
    this.#ports = ports;
  }

  /** Another attempt: whatever was said before, by either side, is void. */
  beginAnew(): void {
    this.#tellings += 1;
    this.#chosen.forget();
    this.#held.forget();
    this.#digestAsks.clear();
  }

  /** The offer and its list, from the start. */
  async tell(): Promise<void> {
    const { home, id, tag, secret, record, entries, isOver } = this.#ports;
    const telling = ++this.#tellings;
    const isVoid = () => telling !== this.#tellings || isOver();
    await home.roomToSay();
    if (isVoid()) return;
    const title = record.title.slice(0, 1024);
    const { totals, skippedCount: skipped } = record;
    home.say({ type: 'offer', transfer: id, tag: tag(), secret, title, totals, skipped });
    for (const part of manifestParts(entries())) {
      if (part.part > 0) await home.roomToSay();
      if (isVoid()) return;
      home.say({ type: 'manifest', transfer: id, ...part });
    }
  }

  async digests(indexes: number[]): Promise<void> {
    const { home, id, entries, tag, isOffered } = this.#ports;
    if (!isOffered()) return home.violation('digest-request out of turn');
    for (const index of indexes) {
      const times = (this.#digestAsks.get(index) ?? 0) + 1;
      this.#digestAsks.set(index, times);
      if (index >= entries().length || times > digestAsksMax) {
        return home.violation('digest of what was not offered, or once too often');
      }
    }
    const asked = tag();
    const digests = await this.#ports.digests(indexes);
    if (asked === tag() && isOffered()) home.say({ type: 'digests', transfer: id, digests: [...digests] });
  }

  ranges({ type, ranges }: ControlOf<'choose' | 'held'>): void {
    const { home, entries, isOffered } = this.#ports;
    if (!isOffered()) {
      home.violation(`${type} out of turn`);
      return;
    }
    const isSound =
      type === 'choose' ? this.#chosen.take(ranges, entries().length) : this.#held.take(ranges, transferMaxBlocks);
    if (!isSound) home.violation('ranges that are none');
  }

  /** Nothing where it is the yes to an earlier attempt, or none that can be. */
  yes(message: ControlOf<'accept'>): Yes | undefined {
    const { home, entries, tag, isOffered } = this.#ports;
    if (message.tag !== tag()) {
      // What was told before it belongs to it.
      this.#chosen.forget();
      this.#held.forget();
      return undefined;
    }
    if (!isOffered()) {
      home.violation('accept out of turn');
      return undefined;
    }
    const selection: Selection = message.all ? 'all' : [...this.#chosen.all];
    const layout = layOut(entries(), selection);
    if (this.#held.end > layout.blocks) {
      home.violation('holds blocks that do not exist');
      return undefined;
    }
    return { selection, held: [...this.#held.all], layout };
  }
}
