// Stands in for the engine: keeps the channels in the page and sends just enough (signals, pings, bye, numbered notes) to
// show that the link carries, pauses and goes on. Notes that arrive before the confirmation is open count as leaks.

import type { LinkEngine } from '../../../link/ports.ts';
import type { RtcChannel } from '../../../link/rtc.ts';
import type { FaultView } from '../../../shared/model/fault.ts';
import type { ConnectionId, LinkCommand, LinkSignalBody } from '../../../shared/model/link-channel.ts';
import { heartbeatEveryMs, heartbeatSuspectMs } from '../../../shared/wire/limits.ts';

type Message =
  | { readonly t: 'signal'; readonly body: LinkSignalBody }
  | { readonly t: 'ping' | 'pong' | 'bye' }
  | { readonly t: 'note'; readonly n: number };

export type EngineFacts = {
  readonly adopted: number;
  readonly fresh: number;
  readonly authorized: { readonly checked: boolean; readonly peerName: string } | null;
  readonly binding: string;
  readonly lanes: number;
  readonly linkUp: boolean;
  readonly notes: readonly number[];
  readonly leaked: number;
};

export class TestEngine implements LinkEngine {
  /** A man in the middle swallows what his own link would say or hear, and says what he likes. */
  swallowOut: ((body: LinkSignalBody) => boolean) | undefined;
  swallowIn: ((body: LinkSignalBody) => boolean) | undefined;
  readonly #controls = new Map<ConnectionId, RTCDataChannel>();
  readonly #bulks = new Map<ConnectionId, RTCDataChannel>();
  readonly #held = new Map<ConnectionId, Message[]>();
  readonly #lanes = new Set<ConnectionId>();
  readonly #listeners = {
    open: new Set<(id: ConnectionId) => void>(),
    closed: new Set<(id: ConnectionId, role: 'control' | 'bulk') => void>(),
    signal: new Set<(id: ConnectionId, body: LinkSignalBody) => void>(),
    liveness: new Set<(id: ConnectionId, at: 'alive' | 'suspect', ms: number | undefined) => void>(),
    lanes: new Set<(count: number) => void>(),
    empty: new Set<(id: ConnectionId) => void>(),
    left: new Set<(id: ConnectionId) => void>(),
    violation: new Set<(id: ConnectionId, fault: FaultView) => void>(),
  };
  #adopted: ConnectionId | undefined;
  #adoptions = 0;
  #fresh = 0;
  #authorized: EngineFacts['authorized'] = null;
  #binding = '';
  #linkUp = false;
  #notes: number[] = [];
  #leaked = 0;
  #heardAtMs = 0;
  #alive = true;
  readonly #beat = setInterval(() => this.#sendPing(), heartbeatEveryMs);

  giveChannel(id: ConnectionId, role: 'control' | 'bulk', given: RtcChannel): void {
    const channel = given as RTCDataChannel;
    if (role === 'bulk') this.#bulks.set(id, channel);
    else {
      this.#controls.set(id, channel);
      channel.onopen = () => {
        for (const listener of this.#listeners.open) listener(id);
      };
      channel.onmessage = ({ data }) => this.#receive(id, JSON.parse(String(data)) as Message);
    }
    channel.onclose = () => {
      for (const listener of this.#listeners.closed) listener(id, role);
    };
  }

  command(command: LinkCommand): void {
    switch (command.do) {
      case 'adopt':
        this.#adopted = command.connection;
        this.#adoptions += 1;
        if (command.fresh) {
          this.#fresh += 1;
          this.#authorized = null;
          this.#lanes.clear();
        }
        this.#binding = [...command.binding].map((byte) => byte.toString(16).padStart(2, '0')).join('');
        this.#heard();
        for (const message of this.#held.get(command.connection)?.splice(0) ?? [])
          this.#handle(command.connection, message);
        return;
      case 'signal':
        if (this.swallowOut?.(command.body) !== true) this.#send({ t: 'signal', body: command.body });
        return;
      case 'authorize':
        this.#authorized = { checked: command.checked, peerName: command.peerName };
        return;
      case 'lane':
        this.#lanes.add(command.connection);
        return;
      case 'retire':
        this.#lanes.delete(command.connection);
        for (const listener of this.#listeners.empty) listener(command.connection);
        return;
      case 'drop':
        this.#lanes.delete(command.connection);
        this.#controls.delete(command.connection);
        this.#bulks.delete(command.connection);
        this.#held.delete(command.connection);
        return;
      case 'link-state':
        this.#linkUp = command.up;
        return;
      case 'end':
        if (command.say === 'bye') this.#send({ t: 'bye' });
        this.#adopted = undefined;
        this.#authorized = null;
        this.#lanes.clear();
        return;
      case 'nudge':
        this.#send({ t: 'ping' });
    }
  }

  note(n: number): void {
    this.#send({ t: 'note', n });
  }

  /** Puts a signal straight onto the wire, as a hostile peer would. */
  forge(body: LinkSignalBody): void {
    this.#send({ t: 'signal', body });
  }

  wantLanes(count: number): void {
    for (const listener of this.#listeners.lanes) listener(count);
  }

  facts(): EngineFacts {
    return {
      adopted: this.#adoptions,
      fresh: this.#fresh,
      authorized: this.#authorized,
      binding: this.#binding,
      lanes: this.#lanes.size,
      linkUp: this.#linkUp,
      notes: this.#notes,
      leaked: this.#leaked,
    };
  }

  close(): void {
    clearInterval(this.#beat);
  }

  onControlOpen(listener: (id: ConnectionId) => void): () => void {
    this.#listeners.open.add(listener);
    return () => this.#listeners.open.delete(listener);
  }

  onChannelClosed(listener: (id: ConnectionId, role: 'control' | 'bulk') => void): () => void {
    this.#listeners.closed.add(listener);
    return () => this.#listeners.closed.delete(listener);
  }

  onSignal(listener: (id: ConnectionId, body: LinkSignalBody) => void): () => void {
    this.#listeners.signal.add(listener);
    return () => this.#listeners.signal.delete(listener);
  }

  onLiveness(listener: (id: ConnectionId, at: 'alive' | 'suspect', ms: number | undefined) => void): () => void {
    this.#listeners.liveness.add(listener);
    return () => this.#listeners.liveness.delete(listener);
  }

  onWantLanes(listener: (count: number) => void): () => void {
    this.#listeners.lanes.add(listener);
    return () => this.#listeners.lanes.delete(listener);
  }

  onLaneEmpty(listener: (id: ConnectionId) => void): () => void {
    this.#listeners.empty.add(listener);
    return () => this.#listeners.empty.delete(listener);
  }

  onPeerLeft(listener: (id: ConnectionId) => void): () => void {
    this.#listeners.left.add(listener);
    return () => this.#listeners.left.delete(listener);
  }

  onViolation(listener: (id: ConnectionId, fault: FaultView) => void): () => void {
    this.#listeners.violation.add(listener);
    return () => this.#listeners.violation.delete(listener);
  }

  #receive(id: ConnectionId, message: Message): void {
    if (id === this.#adopted) {
      this.#handle(id, message);
      return;
    }
    const held = this.#held.get(id) ?? [];
    this.#held.set(id, held);
    if (held.length < 64) held.push(message);
  }

  #handle(id: ConnectionId, message: Message): void {
    this.#heard();
    switch (message.t) {
      case 'signal':
        if (this.swallowIn?.(message.body) === true) return;
        for (const listener of this.#listeners.signal) listener(id, message.body);
        return;
      case 'ping':
        this.#send({ t: 'pong' });
        return;
      case 'bye':
        for (const listener of this.#listeners.left) listener(id);
        return;
      case 'note':
        if (this.#authorized) this.#notes.push(message.n);
        else this.#leaked += 1;
    }
  }

  #send(message: Message): void {
    const channel = this.#adopted === undefined ? undefined : this.#controls.get(this.#adopted);
    if (channel?.readyState === 'open') channel.send(JSON.stringify(message));
  }

  #heard(): void {
    this.#heardAtMs = performance.now();
    this.#setAlive(true);
  }

  #sendPing(): void {
    if (this.#adopted === undefined) return;
    this.#send({ t: 'ping' });
    if (performance.now() - this.#heardAtMs > heartbeatSuspectMs) this.#setAlive(false);
  }

  #setAlive(alive: boolean): void {
    if (alive === this.#alive) return;
    this.#alive = alive;
    const id = this.#adopted;
    if (id === undefined) return;
    for (const listener of this.#listeners.liveness) listener(id, alive ? 'alive' : 'suspect', undefined);
  }
}
