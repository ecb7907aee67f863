// Connections in memory that come up like real ones: once both sides hold the other's fields.

import type { Connection } from '../../../link/connection.ts';
import type { Connections } from '../../../link/connections.ts';
import type { RetryScope } from '../../../link/healing-state.ts';
import type { RtcConnectionState, RtcStats } from '../../../link/rtc.ts';
import type { SessionFields } from '../../../shared/code/link-code.ts';
import { toHex } from '../../../shared/model/bytes.ts';

/** Connections find each other by fingerprint, as real ones do by address; checks reach a side that did not apply yet. */
export class FakeNetwork {
  readonly #all = new Map<string, FakeConnection>();
  #nextId: number;
  /** A certificate shown in place of the announced one. */
  impostor: Uint8Array | undefined;
  /** No fields are known before. */
  gathering: Promise<void> = Promise.resolve();
  /** No connection exists before. */
  opening: Promise<unknown> = Promise.resolve();
  /** No certificate is seen before. */
  securing: Promise<void> = Promise.resolve();
  /** The browser makes no more connections. */
  isFull = false;

  constructor(firstId = 1) {
    this.#nextId = firstId;
  }

  open(): FakeConnection {
    const connection = new FakeConnection(this, this.#nextId++);
    this.#all.set(toHex(connection.fingerprint), connection);
    return connection;
  }

  connections(): FakeConnections {
    return new FakeConnections(this);
  }

  meet(from: FakeConnection): void {
    const to = this.#all.get(toHex(from.remote!.fingerprint));
    if (to === undefined) return;
    to.become('checking');
    if (to.remote === undefined || toHex(to.remote.fingerprint) !== toHex(from.fingerprint)) return;
    from.become('connected');
    to.become('connected');
  }
}

/** The connections of one side. */
export class FakeConnections implements Connections {
  readonly open = async (): Promise<FakeConnection> => {
    if (this.#network.isFull) throw new Error('no more connections');
    const connection = this.#network.open();
    this.made += 1;
    await this.#network.opening;
    this.all.push(connection);
    return connection;
  };
  /** Made and not dropped. */
  readonly all: FakeConnection[] = [];
  readonly openControls = new Set<number>();
  made = 0;
  readonly #network: FakeNetwork;

  constructor(network: FakeNetwork) {
    this.#network = network;
  }

  nextId(): number {
    return 0;
  }

  drop(connection: Connection): void {
    const at = this.all.indexOf(connection as FakeConnection);
    if (at >= 0) this.all.splice(at, 1);
    (connection as FakeConnection).close();
  }

  dropOnceHeard(connection: Connection): void {
    this.drop(connection);
  }

  isControlOpen(id: number): boolean {
    return this.openControls.has(id);
  }

  count(): number {
    return this.all.length;
  }

  close(): void {
    for (const connection of [...this.all]) this.drop(connection);
  }
}

export class FakeConnection implements Connection {
  readonly id: number;
  readonly fingerprint: Uint8Array;
  readonly #network: FakeNetwork;
  readonly #stateListeners = new Set<() => void>();
  readonly #violationListeners = new Set<() => void>();
  remote: SessionFields | undefined;
  setup = '';
  isClosed = false;
  at: 'new' | 'checking' | 'connected' | 'disconnected' | 'failed' = 'new';
  isRefused = false;
  readonly retries: { readonly generation: number; readonly scope: RetryScope }[] = [];

  constructor(network: FakeNetwork, id: number) {
    this.#network = network;
    this.id = id;
    this.fingerprint = new Uint8Array(32).fill(id);
  }

  /** A connection that is up is not moved back by checks of the other side. */
  become(at: FakeConnection['at']): void {
    if (this.isClosed || (at === 'checking' && this.at === 'connected')) return;
    this.at = at;
    for (const listener of [...this.#stateListeners]) listener();
  }

  violate(): void {
    for (const listener of [...this.#violationListeners]) listener();
  }

  async complete(theirs: SessionFields, setup: 'active' | 'passive'): Promise<void> {
    this.remote = theirs;
    this.setup = setup;
    this.#network.meet(this);
  }

  async remoteFingerprint(): Promise<Uint8Array | undefined> {
    await this.#network.securing;
    return this.#network.impostor ?? this.remote?.fingerprint;
  }

  onState(listener: () => void): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  onViolation(listener: () => void): () => void {
    this.#violationListeners.add(listener);
    return () => this.#violationListeners.delete(listener);
  }

  offer = async (): Promise<SessionFields> => {
    await this.#network.gathering;
    const candidates = [{ kind: 'host', family: 4, address: '192.168.1.2', port: 50_000 }] as const;
    return { ufrag: 'abcd', pwd: 'a'.repeat(24), fingerprint: this.fingerprint, candidates };
  };
  answer = (theirs: SessionFields): Promise<SessionFields> => {
    this.remote = theirs;
    return this.offer();
  };
  state = (): RtcConnectionState => (this.isClosed ? 'closed' : this.at === 'checking' ? 'connecting' : this.at);
  isReached = () => this.at === 'connected';
  isChecking = () => this.at !== 'new';
  isDtlsFailed = () => this.isRefused;
  maxMessageBytes = () => 262_144;
  remoteCandidates = () => this.remote?.candidates ?? [];
  retryCandidates = async (generation: number, scope: RetryScope) => {
    this.retries.push({ generation, scope });
  };
  stats = async (): Promise<RtcStats> => new Map();
  close = () => {
    this.isClosed = true;
    this.#stateListeners.clear();
    this.#violationListeners.clear();
  };
}
