// Channels of one connection: in order, each message some time later. A line that is cut swallows what is under way without
// a word, a slow one fills its buffer, and a half-open one lets only one direction through.

import type { ControlChannel, Lane } from '../engine/ports.ts';
import { frameHeaderBytes } from '../shared/wire/frame.ts';
import type { Crossing } from './crossing.ts';
import type { World } from './world.ts';

export type Message = string | Uint8Array<ArrayBuffer>;

/** Long lists wait at 256 KiB; beyond this somebody does not look at the buffer. */
export const bufferMostBytes = 600_000;

/** Tells its other end what is sent, for as long as both live. */
export class ChannelEnd {
  readonly #world: World;
  readonly #crossing: Crossing;
  readonly #isAlive: () => boolean;
  other!: ChannelEnd;
  isOpen = true;
  /** What this end sends gets lost from now on. */
  isCut = false;
  /** So many of the next frames arrive with one bit changed, as memory that fails does it. */
  flips = 0;
  /** So many of the next words for the whole of a transfer arrive as others, as memory that fails does it. */
  wrongRoots = 0;
  buffered = 0;
  #arrivesMs = 0;
  latencyMs: number;
  /** Of the wire, per byte. */
  msPerByte: number;
  #hear: (message: Message) => void = () => undefined;
  #closed: () => void = () => undefined;
  readonly #onDrained = new Set<() => void>();

  constructor(world: World, crossing: Crossing, isAlive: () => boolean) {
    this.#world = world;
    this.#crossing = crossing;
    this.#isAlive = isAlive;
    this.latencyMs = world.chance.hits(0.2) ? world.chance.between(20, 150) : world.chance.between(0.2, 5);
    this.msPerByte = world.chance.hits(0.2) ? 0.01 : 0.0005;
  }

  send(message: Message): void {
    if (!this.isOpen) throw new Error('the channel is closed');
    const size = message.length;
    if (typeof message === 'string') this.#world.note(`sent ${message.slice(0, 120)}`);
    this.buffered += size;
    if (this.buffered > bufferMostBytes) this.#world.fail(`${this.buffered} bytes wait in one channel (I6)`);
    const world = this.#world;
    this.#arrivesMs =
      Math.max(this.#arrivesMs, world.nowMs + world.chance.between(0.5, 1.5) * this.latencyMs) + size * this.msPerByte;
    world.after(this.#arrivesMs - world.nowMs, () => {
      // Nothing is acknowledged over a line that is cut: its buffer stays full.
      if (this.isCut) return;
      this.buffered -= size;
      this.other.#receive(message);
      if (this.buffered === 0 && this.#isAlive()) for (const listener of [...this.#onDrained]) listener();
    });
  }

  #receive(message: Message): void {
    if (!this.isOpen || !this.#isAlive()) return;
    if (typeof message === 'string') this.#crossing.heard(this, message);
    this.#hear(message);
  }

  /** Both ends learn of it, each in its own time. Over a cut line only this one does. */
  close(): void {
    const isCut = this.isCut || this.other.isCut;
    this.#end();
    if (!isCut) this.other.#end();
  }

  /** The connection below it is given up, which both sides learn of, however bad the line is. */
  giveUp(): void {
    this.#end();
    this.other.#end();
  }

  #end(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#world.after(this.#world.chance.between(0, 20), () => {
      if (this.#isAlive()) this.#closed();
    });
  }

  stall(ms: number): void {
    this.#arrivesMs = Math.max(this.#arrivesMs, this.#world.nowMs) + ms;
  }

  #withRoot(text: string): string {
    if (this.wrongRoots === 0 || !text.startsWith('{"type":"complete"')) return text;
    this.wrongRoots -= 1;
    this.#world.count('wrong roots');
    return text.replace(/(?<="root":")./, (first) => (first === '0' ? '1' : '0'));
  }

  /** In what a frame carries, or in the hash behind it. */
  #flipped(frame: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    if (this.flips === 0) return frame;
    this.flips -= 1;
    const { chance } = this.#world;
    frame[chance.whole(frameHeaderBytes, frame.byteLength)]! ^= 1 << chance.whole(0, 8);
    this.#world.count('bit flips');
    return frame;
  }

  asLane(maxMessageBytes: number, fullBytes: number): Lane {
    return {
      maxMessageBytes,
      canSend: () => this.isOpen && this.buffered < fullBytes,
      send: (message) => {
        this.#crossing.sent(message);
        this.send(this.#flipped(message.slice()));
      },
      bufferedBytes: () => this.buffered,
      onWritable: (listener) => void this.#onDrained.add(listener),
      onMessage: (listener) => {
        this.#hear = listener;
      },
      onClose: (listener) => {
        this.#closed = listener;
      },
      close: () => this.close(),
    };
  }

  asControl(): ControlChannel {
    return {
      isOpen: () => this.isOpen,
      send: (text) => this.send(this.#withRoot(text)),
      bufferedBytes: () => this.buffered,
      onWritable: (listener) => {
        this.#onDrained.add(listener);
        return () => this.#onDrained.delete(listener);
      },
      onOpen: () => undefined,
      onMessage: (listener) => {
        this.#hear = listener;
      },
      onClose: (listener) => {
        this.#closed = listener;
      },
      close: () => this.close(),
    };
  }
}

export function channelBetween(
  world: World,
  crossing: Crossing,
  isAlive: readonly [() => boolean, () => boolean],
): [ChannelEnd, ChannelEnd] {
  const [one, other] = isAlive.map((each) => new ChannelEnd(world, crossing, each));
  const ends: [ChannelEnd, ChannelEnd] = [one!, other!];
  ends[0].other = ends[1];
  ends[1].other = ends[0];
  return ends;
}
