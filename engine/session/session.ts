// What passes between us and the peer on control: rate, shape and turn of every message are checked here, before a transfer
// sees it. Until the gate opens nothing but link signals and pings gets past this file.

import type { Clock } from '../../shared/model/clock.ts';
import type { FaultView } from '../../shared/model/fault.ts';
import { type ControlMessage, type ControlOf, parseControl, wireVersion } from '../../shared/wire/control.ts';
import type { ConnectionId, EngineEvent } from '../commands.ts';
import type { ControlChannel } from '../ports.ts';
import { ControlLine } from './control-channel.ts';
import { type Heartbeat, startHeartbeat } from './heartbeat.ts';
import { admits, nextSession, type SessionState } from './session-state.ts';

export type SessionHandlers = {
  /** Both sides have said hello on this control; what the other side can do beyond the first version. */
  greeted(features: readonly string[]): void;
  /** A message for the transfers; only while the session is open. */
  message(message: ControlMessage): void;
  violated(): void;
};

export class Session {
  readonly #clock: Clock;
  readonly #emit: (event: EngineEvent) => void;
  readonly #handlers: SessionHandlers;
  readonly #line: ControlLine;
  #state: SessionState = 'none';
  #heldHello: ControlOf<'hello'> | undefined;
  #heartbeat: Heartbeat | undefined;
  #roundTripMs: number | undefined;
  #deviceName: string;
  readonly #features: readonly string[];

  constructor(
    clock: Clock,
    { deviceName, features }: { readonly deviceName: string; readonly features: readonly string[] },
    emit: (event: EngineEvent) => void,
    handlers: SessionHandlers,
  ) {
    this.#features = features;
    this.#clock = clock;
    this.#deviceName = deviceName;
    this.#emit = emit;
    this.#handlers = handlers;
    this.#line = new ControlLine(clock, emit, (message, isTooFast) => this.#take(message, isTooFast));
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** The shortest heard on this link: how far away the other side is, not how busy. */
  get roundTripMs(): number | undefined {
    return this.#roundTripMs;
  }

  /** Our gate is open and the other side's greeting is on its way. */
  get isGreeting(): boolean {
    return this.#state === 'greeting';
  }

  /** Past the gate: frames may come. */
  get isPastGate(): boolean {
    return this.#state === 'open' || this.#state === 'greeting';
  }

  identify(deviceName: string): void {
    this.#deviceName = deviceName;
  }

  addControl(connection: ConnectionId, channel: ControlChannel): void {
    this.#line.add(connection, channel);
  }

  adopt(connection: ConnectionId, fresh: boolean): void {
    this.#line.adopt(connection);
    this.#roundTripMs = undefined;
    this.#heldHello = undefined;
    this.#state = nextSession(this.#state, fresh ? 'adopted' : 'adopted-again');
    this.#heartbeat?.stop();
    this.#heartbeat = startHeartbeat(
      this.#clock,
      (n) => this.say({ type: 'ping', n }),
      (at, roundTripMs) => {
        if (roundTripMs !== undefined) this.#roundTripMs = Math.min(roundTripMs, this.#roundTripMs ?? roundTripMs);
        this.#emit({ is: 'liveness', at, ...(roundTripMs === undefined ? {} : { roundTripMs }) });
      },
    );
    if (this.#state === 'greeting') {
      this.#greet();
    }
    this.#line.hearEarly();
  }

  openGate(): void {
    if (this.#state !== 'gated') return;
    this.#state = nextSession(this.#state, 'gate-opened');
    this.#greet();
    const hello = this.#heldHello;
    this.#heldHello = undefined;
    if (hello !== undefined) {
      this.#hello(hello);
    }
  }

  end(say: 'bye' | 'nothing'): void {
    if (say === 'bye') {
      this.say({ type: 'bye' });
    }
    this.#state = nextSession(this.#state, 'ended');
    this.#heartbeat?.stop();
    this.#heartbeat = undefined;
    this.#line.adopt(undefined);
  }

  drop(connection: ConnectionId): void {
    this.#line.drop(connection);
  }

  say(message: ControlMessage): void {
    this.#line.say(message);
  }

  whenRoom(): Promise<void> {
    return this.#line.whenRoom();
  }

  heard(): void {
    this.#heartbeat?.heard();
  }

  probe(): void {
    this.#heartbeat?.probe();
  }

  violation(why: string): void {
    if (this.#state === 'ended') return;
    this.#refuse({ code: 'peer-violation', message: why });
  }

  #refuse(fault: FaultView): void {
    this.#state = 'ended';
    this.#heartbeat?.stop();
    this.#emit({ is: 'violation', fault });
    this.#handlers.violated();
  }

  #greet(): void {
    this.say({
      type: 'hello',
      version: wireVersion,
      app: 'tincan',
      name: this.#deviceName,
      features: [...this.#features],
    });
  }

  #take(message: string | Uint8Array, isTooFast: boolean): void {
    if (this.#state === 'ended' || this.#state === 'none') return;
    if (isTooFast) {
      this.violation('too many control messages');
      return;
    }
    if (typeof message !== 'string') {
      this.violation('bytes on control');
      return;
    }
    const parsed = parseControl(message);
    if (parsed.is === 'refused') {
      this.violation(parsed.why);
      return;
    }
    this.heard();
    if (parsed.is === 'ignored') return;
    const verdict = admits(this.#state, parsed.message.type);
    if (verdict === 'refuse') {
      this.violation(`${parsed.message.type} out of turn`);
      return;
    }
    if (verdict === 'pass') {
      this.#deliver(parsed.message);
      return;
    }
    if (parsed.message.type !== 'hello' || this.#heldHello !== undefined) {
      this.violation('hello twice');
      return;
    }
    this.#heldHello = parsed.message;
  }

  #deliver(message: ControlMessage): void {
    switch (message.type) {
      case 'link':
        this.#emit({ is: 'signal', body: message.body });
        return;
      case 'ping':
        this.say({ type: 'pong', n: message.n });
        return;
      case 'pong':
        this.#heartbeat?.pong(message.n);
        return;
      case 'bye':
        this.#emit({ is: 'peer-left' });
        return;
      case 'hello':
        this.#hello(message);
        return;
      default:
        this.#handlers.message(message);
        return;
    }
  }

  #hello(hello: ControlOf<'hello'>): void {
    if (hello.version !== wireVersion) {
      this.#refuse({
        code: 'link-version',
        message: 'the other side speaks another version',
        detail: { version: hello.version },
      });
      return;
    }
    this.#state = nextSession(this.#state, 'greeted');
    this.#emit({ is: 'peer-name', name: hello.name });
    // Asked before the first block is in the way of the answer.
    this.#heartbeat?.probe();
    this.#handlers.greeted(hello.features);
  }
}
