// One end of a data channel: ordered and reliable. While the line is down, what was sent waits and goes on afterwards.

import type { ControlChannel, Lane } from '../../engine/ports.ts';
import type { RtcChannel } from '../../link/rtc.ts';
import { bufferMostBytes, type Message } from '../channels.ts';
import type { World } from '../world.ts';

const msPerByte = 0.0005;
/** A lane takes no more above this. */
const fullBytes = 12_000;
/** SCTP sends no more than so much that nobody confirms. */
const unconfirmedMost = 10;

/** What the connection below tells its channels. */
export interface ChannelBelow {
  /** Packets get through in both directions now. */
  works(): boolean;
  /** What this side sends gets there, though nobody may confirm it. */
  carries(): boolean;
  oneWayMs(): number;
}

export class SimulatedChannel implements RtcChannel {
  readonly label: string;
  readonly #world: World;
  readonly #below: ChannelBelow;
  #other: SimulatedChannel | undefined;
  #at: 'connecting' | 'open' | 'closed' = 'connecting';
  #waiting: Message[] = [];
  /** So many of those that wait have arrived, and that was not heard here. */
  #unconfirmed = 0;
  /** Came before this end was told that the channel is open. */
  #early: Message[] = [];
  #isMoving = false;
  #buffered = 0;
  readonly #on = {
    open: new Set<() => void>(),
    close: new Set<() => void>(),
    writable: new Set<() => void>(),
    message: new Set<(message: Message) => void>(),
  };

  constructor(world: World, label: string, below: ChannelBelow) {
    this.#world = world;
    this.label = label;
    this.#below = below;
  }

  open(other: SimulatedChannel): void {
    if (this.#at !== 'connecting') return;
    this.#at = 'open';
    this.#other = other;
    for (const tell of [...this.#on.open, ...this.#on.writable]) tell();
    for (const message of this.#early.splice(0)) this.arrive(message);
  }

  /** As an event: the connection below was closed by the other side. */
  closedThere(): void {
    if (this.#at === 'closed') return;
    this.#at = 'closed';
    for (const tell of [...this.#on.close]) tell();
  }

  /** Without an event: by this side. */
  closeHere(): void {
    this.#at = 'closed';
    this.#waiting = [];
    this.#unconfirmed = 0;
  }

  /** The line is up again. */
  goOn(): void {
    if (this.#unconfirmed > 0 && this.#below.works()) this.#confirm();
    if (!this.#isMoving && this.#waiting.length > this.#unconfirmed) this.#move();
  }

  #send(message: Message): void {
    if (this.#at !== 'open') throw new Error('the channel is not open');
    if (typeof message === 'string') this.#world.note(`sent ${message.slice(0, 120)}`);
    this.#waiting.push(message);
    this.#buffered += message.length;
    if (this.#buffered > bufferMostBytes) this.#world.fail(`${this.#buffered} bytes wait in one channel (I6)`);
    this.goOn();
  }

  #move(): void {
    const message = this.#waiting[this.#unconfirmed];
    if (message === undefined) return;
    this.#isMoving = true;
    const ms = this.#world.chance.between(0.8, 1.2) * this.#below.oneWayMs() + message.length * msPerByte;
    this.#world.after(ms, () => {
      this.#isMoving = false;
      if (this.#at !== 'open') return;
      const isConfirmed = this.#below.works();
      if (!isConfirmed && (!this.#below.carries() || this.#unconfirmed >= unconfirmedMost)) return;
      this.#unconfirmed += 1;
      if (isConfirmed) this.#confirm();
      this.#other?.arrive(message);
      this.goOn();
    });
  }

  #confirm(): void {
    for (const { length } of this.#waiting.splice(0, this.#unconfirmed)) this.#buffered -= length;
    this.#unconfirmed = 0;
    if (this.#buffered === 0) for (const tell of [...this.#on.writable]) tell();
  }

  arrive(message: Message): void {
    if (this.#at === 'connecting') this.#early.push(message);
    if (this.#at === 'open') for (const tell of [...this.#on.message]) tell(message);
  }

  asControl(): ControlChannel {
    return {
      isOpen: () => this.#at === 'open',
      send: (text) => this.#send(text),
      bufferedBytes: () => this.#buffered,
      onWritable: (listener) => {
        this.#on.writable.add(listener);
        return () => this.#on.writable.delete(listener);
      },
      onOpen: (listener) => void this.#on.open.add(listener),
      onMessage: (listener) => void this.#on.message.add(listener),
      onClose: (listener) => void this.#on.close.add(listener),
      close: () => this.#close(),
    };
  }

  asLane(maxMessageBytes: number): Lane {
    return {
      maxMessageBytes,
      canSend: () => this.#at === 'open' && this.#buffered < fullBytes,
      send: (message) => this.#send(message.slice()),
      bufferedBytes: () => this.#buffered,
      onWritable: (listener) => void this.#on.writable.add(listener),
      onMessage: (listener) => void this.#on.message.add(listener),
      onClose: (listener) => void this.#on.close.add(listener),
      close: () => this.#close(),
    };
  }

  #close(): void {
    if (this.#at === 'closed') return;
    const other = this.#other;
    this.closedThere();
    if (this.#below.works()) this.#world.after(this.#below.oneWayMs(), () => other?.closedThere());
  }
}
