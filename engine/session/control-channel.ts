// The control channels of this link's connections. One at a time is adopted and carries the link: what comes early on another waits,
// up to a bound, what comes on the adopted one has its rate checked, and what is long waits for room.

import type { Clock } from '../../shared/model/clock.ts';
import type { ConnectionId } from '../../shared/model/link-channel.ts';
import { type ControlMessage, encodeControl } from '../../shared/wire/control.ts';
import {
  controlBufferHighBytes,
  controlHeldMax,
  controlMessagesBurst,
  controlMessagesPerSecond,
} from '../../shared/wire/limits.ts';
import { TokenBucket } from '../../shared/wire/token-bucket.ts';
import type { EngineEvent } from '../commands.ts';
import type { ControlChannel } from '../ports.ts';

type Control = {
  readonly channel: ControlChannel;
  readonly held: (string | Uint8Array)[];
  /** Those who wait for room; they are released when the channel goes. */
  readonly waiting: Set<() => void>;
  readonly bucket: TokenBucket;
  /** It carried the link, and does not any more: what still comes is for nobody. */
  isOver: boolean;
};

export type ControlRoom = 'free' | 'full' | 'gone';

export class ControlChannels {
  readonly #clock: Clock;
  readonly #emit: (event: EngineEvent) => void;
  readonly #onMessage: (message: string | Uint8Array, isTooFast: boolean) => void;
  readonly #controls = new Map<ConnectionId, Control>();
  #adopted: ConnectionId | undefined;

  constructor(
    clock: Clock,
    emit: (event: EngineEvent) => void,
    onMessage: (message: string | Uint8Array, isTooFast: boolean) => void,
  ) {
    this.#clock = clock;
    this.#emit = emit;
    this.#onMessage = onMessage;
  }

  add(connection: ConnectionId, channel: ControlChannel): void {
    const bucket = new TokenBucket(controlMessagesPerSecond, controlMessagesBurst, this.#clock.now());
    const control: Control = { channel, held: [], waiting: new Set(), bucket, isOver: false };
    this.#controls.set(connection, control);
    channel.onOpen(() => this.#emit({ is: 'control-open', connection }));
    channel.onMessage((message) => {
      if (this.#adopted === connection) this.#receive(control, message);
      else if (control.isOver) return;
      else if (control.held.length < controlHeldMax) control.held.push(message);
      else channel.close();
    });
    channel.onClose(() => {
      if (this.#controls.get(connection) !== control) return;
      this.#controls.delete(connection);
      release(control);
      this.#emit({ is: 'channel-closed', connection, role: 'control' });
    });
    if (channel.isOpen()) this.#emit({ is: 'control-open', connection });
  }

  has(connection: ConnectionId): boolean {
    return this.#controls.has(connection);
  }

  /** Nothing of it is delivered before `deliverEarly`. */
  adopt(connection: ConnectionId | undefined): void {
    const before = this.#current();
    if (before !== undefined && connection !== this.#adopted) before.isOver = true;
    this.#adopted = connection;
  }

  /** What came on this channel before it was adopted. */
  deliverEarly(): void {
    const control = this.#current();
    for (const message of control?.held.splice(0) ?? []) if (control !== undefined) this.#receive(control, message);
  }

  drop(connection: ConnectionId): void {
    const control = this.#controls.get(connection);
    this.#controls.delete(connection);
    if (control === undefined) return;
    release(control);
    control.channel.close();
  }

  send(message: ControlMessage): void {
    const channel = this.#current()?.channel;
    if (channel?.isOpen()) channel.send(encodeControl(message));
  }

  /** Whether more of something long may be sent now; `gone`: there is no channel to send it on. */
  room(): ControlRoom {
    const channel = this.#current()?.channel;
    if (!channel?.isOpen()) return 'gone';
    return channel.bufferedBytes() < controlBufferHighBytes ? 'free' : 'full';
  }

  isDrained(): boolean {
    return (this.#current()?.channel.bufferedBytes() ?? 0) === 0;
  }

  /** Resolves when more of something long may be sent, when there is no channel to send it on, or when nobody waits any more. */
  whenRoom(signal: AbortSignal): Promise<void> {
    const control = this.#current();
    if (control === undefined || signal.aborted || this.room() !== 'full') return Promise.resolve();
    const { channel, waiting } = control;
    return new Promise((resolve) => {
      const off = channel.onWritable(done);
      waiting.add(done);
      signal.addEventListener('abort', done);
      function done(): void {
        off();
        signal.removeEventListener('abort', done);
        waiting.delete(done);
        resolve();
      }
    });
  }

  #current(): Control | undefined {
    return this.#adopted === undefined ? undefined : this.#controls.get(this.#adopted);
  }

  #receive(control: Control, message: string | Uint8Array): void {
    this.#onMessage(message, !control.bucket.take(this.#clock.now()));
  }
}

function release(control: Control): void {
  for (const done of [...control.waiting]) done();
}
