// What passes between us and the peer on control: rate, shape and turn of every message are checked here, before a transfer sees
// it. Until the person confirms nothing but link signals and pings gets past this file.

import type { Clock } from '../../shared/model/clock.ts';
import type { ConnectionId } from '../../shared/model/link-channel.ts';
import { type ControlMessage, guestPageFeature, parseControl, wireVersion } from '../../shared/wire/control.ts';
import type { EngineEvent } from '../commands.ts';
import type { ControlChannel } from '../ports.ts';
import { ControlChannels, type ControlRoom } from './control-channel.ts';
import { type Heartbeat, startHeartbeat } from './heartbeat.ts';
import { nextSession, type SessionEffect, type SessionEvent, type SessionState } from './session-state.ts';

export type SessionReport =
  /** Both sides have said hello on this control channel; `features`: what the other side can do beyond the first version. */
  | { readonly is: 'opened'; readonly features: readonly string[] }
  /** A message for the transfers; only while the session is open. */
  | { readonly is: 'message'; readonly message: ControlMessage }
  /** The peer broke the rules: the link is over. */
  | { readonly is: 'refused' };

export class PeerSession {
  readonly #clock: Clock;
  readonly #emit: (event: EngineEvent) => void;
  readonly #report: (report: SessionReport) => void;
  readonly #channels: ControlChannels;
  #state: SessionState = { at: 'none' };
  /** The last one. Nothing is heard before there was one: no connection has this number. */
  #adopted: ConnectionId = 0;
  #heartbeat: Heartbeat | undefined;
  #roundTripMs: number | undefined;
  #deviceName = 'Tincan';
  readonly #features: string[];

  constructor(
    clock: Clock,
    features: readonly string[],
    emit: (event: EngineEvent) => void,
    report: (report: SessionReport) => void,
  ) {
    this.#features = [...features];
    this.#clock = clock;
    this.#emit = emit;
    this.#report = report;
    this.#channels = new ControlChannels(clock, emit, (message, isTooFast) => this.#onText(message, isTooFast));
  }

  get state(): SessionState {
    return this.#state;
  }

  get isOpen(): boolean {
    return this.#state.at === 'open';
  }

  /** The shortest measured on this link: how far away the other side is, not how busy. */
  get roundTripMs(): number | undefined {
    return this.#roundTripMs;
  }

  /** We have confirmed and the other side's hello is on its way. */
  get isInHandshake(): boolean {
    return this.#state.at === 'handshake';
  }

  /** After the confirmation: frames may come. */
  get isPastGate(): boolean {
    return this.isOpen || this.isInHandshake;
  }

  identify(deviceName: string): void {
    this.#deviceName = deviceName;
  }

  addControl(connection: ConnectionId, channel: ControlChannel): void {
    this.#channels.add(connection, channel);
  }

  hasControl(connection: ConnectionId): boolean {
    return this.#channels.has(connection);
  }

  adopt(connection: ConnectionId, fresh: boolean): void {
    this.#adopted = connection;
    this.#channels.adopt(connection);
    this.#roundTripMs = undefined;
    this.#step({ is: 'adopted', fresh });
    this.#channels.deliverEarly();
  }

  authorize(): void {
    this.#step({ is: 'authorized' });
  }

  end(say: 'bye' | 'nothing'): void {
    if (say === 'bye') this.send({ type: 'bye' });
    this.#step({ is: 'ended' });
  }

  drop(connection: ConnectionId): void {
    this.#channels.drop(connection);
  }

  send(message: ControlMessage): void {
    this.#channels.send(message);
  }

  /** For what only an open session carries. */
  room(): ControlRoom {
    return this.isOpen ? this.#channels.room() : 'gone';
  }

  whenRoom(signal: AbortSignal): Promise<void> {
    return this.#channels.whenRoom(signal);
  }

  /** Any byte from the peer counts. */
  peerIsAlive(): void {
    this.#heartbeat?.heard();
  }

  probe(): void {
    this.#heartbeat?.probe();
  }

  violation(why: string): void {
    this.#step({ is: 'violated', why });
  }

  #step(event: SessionEvent): void {
    const { state, effects } = nextSession(this.#state, event);
    this.#state = state;
    for (const effect of effects) this.#run(effect);
  }

  #run(effect: SessionEffect): void {
    switch (effect.do) {
      case 'start-heartbeat':
        this.#startHeartbeat();
        break;
      case 'stop-heartbeat':
        this.#heartbeat?.stop();
        this.#heartbeat = undefined;
        return;
      case 'send-hello':
        this.send({
          type: 'hello',
          version: wireVersion,
          app: 'tincan',
          name: this.#deviceName,
          features: this.#features,
        });
        break;
      case 'opened':
        this.#emit({
          is: 'peer-name',
          connection: this.#adopted,
          name: effect.name,
          ...(effect.features.includes(guestPageFeature) ? { isGuest: true } : {}),
        });
        // Asked before the first block is in the way of the answer.
        this.probe();
        this.#report({ is: 'opened', features: effect.features });
        break;
      case 'deliver':
        this.#deliver(effect.message);
        break;
      case 'release-control':
        this.#channels.adopt(undefined);
        break;
      case 'refuse':
        this.#emit({ is: 'violation', connection: this.#adopted, fault: effect.fault });
        this.#report({ is: 'refused' });
        break;
    }
  }

  #startHeartbeat(): void {
    this.#heartbeat?.stop();
    const connection = this.#adopted;
    this.#heartbeat = startHeartbeat(
      this.#clock,
      { ping: (n) => this.send({ type: 'ping', n }), isDrained: () => this.#channels.isDrained() },
      (at, roundTripMs) => {
        if (roundTripMs !== undefined) this.#roundTripMs = Math.min(roundTripMs, this.#roundTripMs ?? roundTripMs);
        this.#emit({ is: 'liveness', connection, at, ...(roundTripMs === undefined ? {} : { roundTripMs }) });
      },
    );
  }

  #onText(message: string | Uint8Array, isTooFast: boolean): void {
    if (this.#state.at === 'none' || this.#state.at === 'ended') return;
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
    this.peerIsAlive();
    if (parsed.is === 'message') this.#step({ is: 'message', message: parsed.message });
  }

  #deliver(message: ControlMessage): void {
    switch (message.type) {
      case 'link':
        this.#emit({ is: 'signal', connection: this.#adopted, body: message.body });
        break;
      case 'ping':
        this.send({ type: 'pong', n: message.n });
        break;
      case 'pong':
        this.#heartbeat?.pong(message.n);
        break;
      case 'bye':
        this.#emit({ is: 'peer-left', connection: this.#adopted });
        break;
      default:
        this.#report({ is: 'message', message });
        break;
    }
  }
}
