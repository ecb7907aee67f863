// Connections in memory that come up like real ones: once both sides hold the other's fields.

import type { Connection } from '../../../link/connection.ts';
import type { SessionFields } from '../../../shared/code/link-code.ts';
import { toHex } from '../../../shared/model/bytes.ts';

/** Connections find each other by fingerprint, as real ones do by address; checks reach a side that did not apply yet. */
export class Ether {
  readonly #all = new Map<string, FakeConnection>();
  #next: number;
  /** A certificate shown in place of the announced one. */
  impostor: Uint8Array | undefined;
  /** No fields are known before. */
  gathering: Promise<void> = Promise.resolve();

  constructor(firstId = 1) {
    this.#next = firstId;
  }

  open(): FakeConnection {
    const connection = new FakeConnection(this, this.#next++);
    this.#all.set(toHex(connection.fingerprint), connection);
    return connection;
  }

  meet(from: FakeConnection): void {
    const to = this.#all.get(toHex(from.remote!.fingerprint));
    if (to === undefined) return;
    to.become('knocked');
    if (to.remote === undefined || toHex(to.remote.fingerprint) !== toHex(from.fingerprint)) return;
    from.become('connected');
    to.become('connected');
  }
}

export class FakeConnection implements Connection {
  readonly id: number;
  readonly fingerprint: Uint8Array;
  readonly #ether: Ether;
  readonly #listeners = new Set<() => void>();
  remote: SessionFields | undefined;
  setup = '';
  closed = false;
  at: 'new' | 'knocked' | 'connected' = 'new';

  constructor(ether: Ether, id: number) {
    this.#ether = ether;
    this.id = id;
    this.fingerprint = new Uint8Array(32).fill(id);
  }

  become(at: 'knocked' | 'connected'): void {
    if (this.at === 'connected') return;
    this.at = at;
    for (const listener of this.#listeners) listener();
  }

  async complete(theirs: SessionFields, setup: 'active' | 'passive'): Promise<void> {
    this.remote = theirs;
    this.setup = setup;
    this.#ether.meet(this);
  }

  async remoteFingerprint(): Promise<Uint8Array | undefined> {
    return this.#ether.impostor ?? this.remote?.fingerprint;
  }

  onState(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  offer = async (): Promise<SessionFields> => {
    await this.#ether.gathering;
    return { ufrag: 'abcd', pwd: 'a'.repeat(24), fingerprint: this.fingerprint, candidates: [] };
  };
  answer = (theirs: SessionFields): Promise<SessionFields> => {
    this.remote = theirs;
    return this.offer();
  };
  state = (): RTCPeerConnectionState => (this.at === 'connected' ? 'connected' : 'new');
  isReached = () => this.at === 'connected';
  isKnocked = () => this.at !== 'new';
  isRefused = () => false;
  maxMessageBytes = () => 262_144;
  remoteCandidates = () => [];
  feed = async () => undefined;
  stats = async () => new Map() as unknown as RTCStatsReport;
  onViolation = () => () => false;
  close = () => undefined;
}
