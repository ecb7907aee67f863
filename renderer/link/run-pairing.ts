// Carries out what shared/link/pairing-state.ts decides: opens and closes connections, writes codes, feeds replies that
// wait for somebody slow. Lives until one connection has won; then everything else is closed and the winner handed over.

import type { LinkCode } from '../../shared/code/link-code.ts';
import { toHex } from '../../shared/link/bytes.ts';
import {
  type Attempt,
  nextPairing,
  type PairingEffect,
  type PairingEvent,
  type PairingState,
  startPairing,
} from '../../shared/link/pairing-state.ts';
import { Fault, type FaultView, toFaultView } from '../../shared/model/fault.ts';
import type { CodeVia, MyCode } from '../../shared/model/link-view.ts';
import { crossingSettleMs } from '../../shared/wire/limits.ts';
import { codeBytes, freshSessionId, readCode, writeCode } from './codes.ts';
import type { Connection } from './connection.ts';
import { type Feeder, startFeeder } from './feeder.ts';

/** The connection that came up, and what both sides must agree on. */
export type Paired = {
  readonly connection: Connection;
  readonly role: 'inviter' | 'replier';
  readonly invite: Uint8Array;
  readonly reply: Uint8Array;
  readonly theirFingerprint: Uint8Array;
  readonly peerName: string;
  readonly camera: boolean;
};

export type PairingPorts = {
  open(id: number): Promise<Connection>;
  nextId(): number;
  drop(connection: Connection): void;
  deviceName(): string;
  refeed: boolean;
  changed(): void;
  won(paired: Paired): void;
};

/** What the screen shows of it. `reaching` is there while a reply that was taken is being acted on. */
export type PairingFace = {
  readonly code: MyCode;
  readonly ours: LinkCode['candidates'];
  readonly reaching?: Connection | undefined;
  readonly sinceMs: number;
};

export interface Pairing {
  face(): PairingFace;
  takeCode(text: string, via: CodeVia): Promise<FaultView | undefined>;
  newCode(): void;
  addressesChanged(): void;
  /** What must be remembered of used codes by the next run. */
  memory(): Memory;
  isUnderWay(): boolean;
  /** The machine woke: replies that wait knock again at once. */
  feed(): void;
  close(): void;
}

type Live = {
  readonly connection: Connection;
  readonly mine: LinkCode;
  readonly text: string;
  readonly feeder: Feeder;
  theirs?: { readonly code: LinkCode; readonly via: CodeVia };
};

export type Memory = Pick<PairingState, 'used' | 'ownPast'>;

export function startPairingRun(ports: PairingPorts, memory: Memory = startPairing): Pairing {
  let state: PairingState = { ...startPairing, used: memory.used, ownPast: memory.ownPast };
  let closed = false;
  let reachingSinceMs = 0;
  const live = new Map<number, Live>();

  function take(event: PairingEvent, theirs?: Live['theirs']): Promise<FaultView | undefined> {
    const step = nextPairing(state, event);
    state = step.state;
    const done = step.effects.map((effect) => act(effect, theirs));
    ports.changed();
    return Promise.all(done).then((faults) => faults.find((fault) => fault !== undefined));
  }

  async function act(effect: PairingEffect, theirs: Live['theirs']): Promise<FaultView | undefined> {
    switch (effect.do) {
      case 'make-invite':
      case 'make-reply':
        return make(effect.connection, theirs);
      case 'take-reply':
        return complete(effect.connection, theirs!);
      case 'close':
        discard(effect.connection);
        return undefined;
      case 'settle-soon':
        setTimeout(() => void (closed || take({ is: 'settled' })), crossingSettleMs);
        return undefined;
      case 'win':
        win(effect.connection);
        return undefined;
      case 'refuse':
        return { code: effect.code, message: `refused: ${effect.code}` };
    }
  }

  async function make(id: number, theirs: Live['theirs']): Promise<FaultView | undefined> {
    try {
      const connection = await ports.open(id);
      const fields = await (theirs ? connection.answer(theirs.code) : connection.offer());
      const mine: LinkCode = {
        ...fields,
        kind: theirs ? 'reply' : 'invite',
        sessionId: theirs?.code.sessionId ?? freshSessionId(),
        name: ports.deviceName(),
      };
      if (closed || find(id) === undefined) {
        ports.drop(connection);
        return undefined;
      }
      const entry: Live = { connection, mine, text: writeCode(mine), feeder: feederFor(connection) };
      if (theirs) entry.theirs = theirs;
      live.set(id, entry);
      connection.onState(() => look(id, connection));
      connection.onViolation(() => lose(id));
      await take({
        is: 'made',
        connection: id,
        session: toHex(mine.sessionId),
        fingerprint: toHex(connection.fingerprint),
      });
      if (theirs) entry.feeder.wait();
      look(id, connection);
      return undefined;
    } catch (error) {
      if (theirs === undefined) throw error;
      lose(id);
      return { code: 'code-unusable', message: toFaultView(error).message };
    }
  }

  async function complete(id: number, theirs: NonNullable<Live['theirs']>): Promise<FaultView | undefined> {
    const entry = live.get(id);
    if (entry === undefined) return { code: 'code-other-invite', message: 'that invite is gone' };
    entry.theirs = theirs;
    reachingSinceMs = Date.now();
    try {
      await entry.connection.complete(theirs.code, 'passive');
    } catch (error) {
      lose(id);
      return { code: 'code-unusable', message: toFaultView(error).message };
    }
    entry.feeder.wait();
    return undefined;
  }

  function look(id: number, connection: Connection): void {
    if (connection.state() === 'connected') void take({ is: 'up', connection: id });
    else ports.changed();
  }

  function feederFor(connection: Connection): Feeder {
    return startFeeder((effect) => {
      if (effect.do === 'feed' && ports.refeed) void connection.feed(effect.generation);
    });
  }

  function win(id: number): void {
    const entry = live.get(id);
    if (entry?.theirs === undefined) return;
    live.delete(id);
    entry.feeder.close();
    closed = true;
    const { connection, mine, theirs } = entry;
    const [invite, reply] = mine.kind === 'invite' ? [mine, theirs.code] : [theirs.code, mine];
    ports.won({
      connection,
      role: mine.kind === 'invite' ? 'inviter' : 'replier',
      invite: codeBytes(invite),
      reply: codeBytes(reply),
      theirFingerprint: theirs.code.fingerprint,
      peerName: theirs.code.name ?? '',
      camera: theirs.via === 'camera',
    });
  }

  function lose(id: number): void {
    discard(id);
    if (!closed) void take({ is: 'gone', connection: id, fresh: ports.nextId() });
  }

  function discard(id: number): void {
    const entry = live.get(id);
    if (entry === undefined) return;
    live.delete(id);
    entry.feeder.close();
    ports.drop(entry.connection);
  }

  function find(id: number | undefined): Attempt | undefined {
    return state.attempts.find(({ connection }) => connection === id);
  }

  void take({ is: 'new-code', fresh: ports.nextId() });

  return {
    memory: () => state,
    face() {
      const front = find(state.front);
      const entry = front && live.get(front.connection);
      if (front === undefined || entry === undefined) return { code: { at: 'making' }, ours: [], sinceMs: 0 };
      const local = entry.mine.candidates.every(({ kind }) => kind === 'host');
      return {
        code: { at: 'ready', kind: entry.mine.kind, text: entry.text, local },
        ours: entry.mine.candidates,
        reaching: front.at === 'reaching' || front.at === 'up' ? entry.connection : undefined,
        sinceMs: reachingSinceMs,
      };
    },
    async takeCode(text, via) {
      try {
        const code = readCode(text);
        const session = toHex(code.sessionId);
        const fingerprint = toHex(code.fingerprint);
        return await take({ is: 'take', kind: code.kind, session, fingerprint, fresh: ports.nextId() }, { code, via });
      } catch (error) {
        if (error instanceof Fault) return toFaultView(error);
        throw error;
      }
    },
    newCode: () => void take({ is: 'new-code', fresh: ports.nextId() }),
    addressesChanged: () => void take({ is: 'addresses-changed', fresh: ports.nextId() }),
    isUnderWay: () => state.attempts.some(({ at }) => at === 'reaching' || at === 'up'),
    feed() {
      for (const { feeder } of live.values()) feeder.nudge();
    },
    close() {
      closed = true;
      for (const id of [...live.keys()]) discard(id);
    },
  };
}
