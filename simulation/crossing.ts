// What goes from one side to the other, by what its sender was told: nothing crosses that the other side said it holds, and
// where nothing happens to its disk it still holds that the next time.

import { frameHeaderBytes } from '../shared/wire/frame.ts';
import type { World } from './world.ts';

type Said = { readonly type: string; readonly transfer?: string; readonly tag?: number; readonly ranges?: Ranges };
type Ranges = readonly (readonly [from: number, to: number])[];

const tagAt = 4;
const blockAt = 8;

export class Crossing {
  readonly #world: World;
  /** By channel and transfer: said, and not yet part of an answer. */
  readonly #said = new WeakMap<object, Map<string, Set<number>>>();
  /** By attempt, of those that were answered. */
  readonly #held = new Map<number, ReadonlySet<number>>();
  readonly #heldLast = new Map<string, ReadonlySet<number>>();

  constructor(world: World) {
    this.#world = world;
  }

  /** A control message has arrived. */
  heard(channel: object, text: string): void {
    if (!text.startsWith('{"type":"held"') && !text.startsWith('{"type":"accept"')) return;
    const { type, transfer = '', tag = 0, ranges = [] } = JSON.parse(text) as Said;
    const said = this.#said.get(channel) ?? new Map<string, Set<number>>();
    this.#said.set(channel, said);
    const blocks = said.get(transfer) ?? new Set<number>();
    if (type === 'held') {
      for (const [from, to] of ranges) for (let block = from; block < to; block += 1) blocks.add(block);
      said.set(transfer, blocks);
      return;
    }
    said.delete(transfer);
    this.#held.set(tag, blocks);
    const lost = [...(this.#heldLast.get(transfer) ?? [])].filter((block) => !blocks.has(block));
    if (this.#world.isHeldForGood && lost.length > 0)
      this.#world.fail(`${transfer.slice(0, 6)}: ${lost.length} blocks that were held have to be sent again`);
    this.#heldLast.set(transfer, blocks);
  }

  /** A frame is put on a lane. */
  sent(frame: Uint8Array): void {
    if (frame.byteLength < frameHeaderBytes) return;
    const view = new DataView(frame.buffer, frame.byteOffset, frameHeaderBytes);
    const block = view.getUint32(blockAt);
    if (this.#held.get(view.getUint32(tagAt))?.has(block) === true)
      this.#world.fail(`block ${block} is sent to somebody who said that they hold it`);
  }
}
