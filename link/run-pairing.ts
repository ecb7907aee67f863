// Carries out what link/pairing-state.ts decides: opens and closes connections, writes codes, feeds replies that
// wait for somebody slow. Lives until one connection has won; then everything else is closed and the winner handed over.

import { chooseCandidates } from '../shared/code/candidates.ts';
import { codeBytes, codeText, decodeCode, encodeCode } from '../shared/code/code-text.ts';
import { judgeCode } from '../shared/code/judge.ts';
import type { LinkCode } from '../shared/code/link-code.ts';
import { toHex } from '../shared/model/bytes.ts';
import { type FaultView, toFaultView } from '../shared/model/fault.ts';
import type { CodeVia, MyCode } from '../shared/model/link-view.ts';
import { crossingSettleMs } from '../shared/wire/limits.ts';
import type { Connection } from './connection.ts';
import { type Feeder, startFeeder } from './ice-retry.ts';
import {
  type Attempt,
  nextPairing,
  type PairingEffect,
  type PairingEvent,
  type PairingState,
  startPairing,
} from './pairing-state.ts';
import type { GreetingVouch } from './verification-state.ts';

/** The connection that came up, and what both sides must agree on. */
export type Paired = {
  readonly connection: Connection;
  readonly role: 'inviter' | 'replier';
  readonly invite: Uint8Array;
  readonly reply: Uint8Array;
  readonly theirFingerprint: Uint8Array;
  readonly peerName: string;
  /** The remembered computer that this side called. */
  readonly called: string | undefined;
  /** What makes the digits needless for this side. */
  readonly vouch: GreetingVouch | undefined;
};

export type PairingPorts = {
  open(id: number): Promise<Connection>;
  nextId(): number;
  drop(connection: Connection): void;
  deviceName(): string;
  refeed: boolean;
  changed(): void;
  /** Over the network, past the people. Answers whether it got there. */
  deliver(invite: string, reply: string): Promise<boolean>;
  answer(knock: string, reply: string): Promise<boolean>;
  won(paired: Paired): void;
  /** An attempt ended for a reason that a person should read; pairing goes on. */
  failed(fault: FaultView): void;
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
  takeCode(text: string, via: CodeVia, known?: KnownSender): Promise<FaultView | undefined>;
  newCode(): void;
  addressesChanged(): void;
  /** What must be remembered of used codes by the next run. */
  memory(): Memory;
  isUnderWay(): boolean;
  /** Those that wait for a reply, as text. */
  invites(): readonly string[];
  /** The machine woke: replies that wait knock again at once. */
  feed(): void;
  close(): void;
}

/** A remembered computer, by the name it has here; `knock` when its invite awaits our reply. */
export type KnownSender = { readonly name: string; readonly knock?: string; readonly called?: string };

type Theirs = {
  readonly code: LinkCode;
  readonly bytes: Uint8Array;
  readonly via: CodeVia;
  readonly known?: KnownSender;
};

type Live = {
  readonly connection: Connection;
  readonly mine: LinkCode;
  readonly text: string;
  readonly feeder: Feeder;
  theirs?: Theirs;
  delivered?: true;
};

/** DTLS that nobody answers takes minutes to give up; a wrong certificate is refused at once. */
const refusedSoonMs = 60_000;

export type Memory = Pick<PairingState, 'used' | 'ownPast'>;

export function startPairingRun(ports: PairingPorts, memory: Memory = startPairing): Pairing {
  let state: PairingState = { ...startPairing, used: memory.used, ownPast: memory.ownPast };
  let closed = false;
  let reachingSinceMs = 0;
  const live = new Map<number, Live>();

  function take(event: PairingEvent, theirs?: Theirs): Promise<FaultView | undefined> {
    const step = nextPairing(state, event);
    state = step.state;
    const done = step.effects.map((effect) => act(effect, theirs));
    ports.changed();
    return Promise.all(done).then((faults) => faults.find((fault) => fault !== undefined));
  }

  async function act(effect: PairingEffect, theirs: Theirs | undefined): Promise<FaultView | undefined> {
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

  async function make(id: number, theirs: Theirs | undefined): Promise<FaultView | undefined> {
    let connection: Connection | undefined;
    try {
      connection = await ports.open(id);
      const fields = await (theirs ? connection.answer(theirs.code) : connection.offer());
      const mine: LinkCode = {
        ...fields,
        candidates: chooseCandidates(fields.candidates),
        kind: theirs ? 'reply' : 'invite',
        sessionId: theirs?.code.sessionId ?? crypto.getRandomValues(new Uint8Array(8)),
        name: ports.deviceName(),
      };
      if (closed || find(id) === undefined) {
        ports.drop(connection);
        return undefined;
      }
      if (mine.candidates.length === 0) return offline(connection, theirs !== undefined);
      const entry: Live = { connection, mine, text: encodeCode(mine), feeder: feederFor(connection) };
      if (theirs) entry.theirs = theirs;
      live.set(id, entry);
      entry.connection.onState(() => look(id, entry.connection));
      connection.onViolation(() => lose(id));
      await take({
        is: 'made',
        connection: id,
        session: toHex(mine.sessionId),
        fingerprint: toHex(connection.fingerprint),
      });
      if (theirs) {
        entry.feeder.wait();
        void deliver(entry, theirs);
      }
      look(id, connection);
      return undefined;
    } catch (error) {
      const { message } = toFaultView(error);
      if (connection && !live.has(id)) ports.drop(connection);
      if (theirs === undefined) {
        // The browser refuses to make any connection: settings it cannot read. Another try would fail alike.
        ports.failed({ code: 'settings-invalid', message });
        return undefined;
      }
      lose(id);
      return { code: 'code-unusable', message };
    }
  }

  /** The way through people stays open all the while: this only makes it needless. */
  async function deliver(entry: Live, { bytes, known }: Theirs): Promise<void> {
    const isDelivered = await (known?.knock === undefined
      ? ports.deliver(codeText(bytes), entry.text)
      : ports.answer(known.knock, entry.text));
    if (!isDelivered || closed) return;
    entry.delivered = true;
    ports.changed();
  }

  /** No network, no code: an invite stays in the making until the addresses change, a reply cannot be made. */
  function offline(connection: Connection, isReply: boolean): FaultView | undefined {
    ports.drop(connection);
    if (!isReply) return undefined;
    void take({ is: 'gone', connection: connection.id, fresh: ports.nextId() });
    return { code: 'link-unreachable', message: 'this computer has no address on any network' };
  }

  async function complete(id: number, theirs: Theirs): Promise<FaultView | undefined> {
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
    else if (connection.isRefused()) refused(id);
    else ports.changed();
  }

  function refused(id: number): void {
    const quickly = reachingSinceMs === 0 || Date.now() - reachingSinceMs < refusedSoonMs;
    const code = quickly ? 'link-tampered' : 'link-unreachable';
    lose(id);
    ports.failed({ code, message: 'the other side did not show the certificate of its code' });
  }

  function feederFor(connection: Connection): Feeder {
    return startFeeder((effect) => {
      if (effect.do === 'feed' && ports.refeed) void connection.feed(effect.generation, effect.scope);
    });
  }

  function win(id: number): void {
    const entry = live.get(id);
    if (entry?.theirs === undefined) return;
    live.delete(id);
    entry.feeder.close();
    closed = true;
    const { connection, mine, theirs } = entry;
    const own = codeBytes(mine);
    const [invite, reply] = mine.kind === 'invite' ? [own, theirs.bytes] : [theirs.bytes, own];
    ports.won({
      connection,
      role: mine.kind === 'invite' ? 'inviter' : 'replier',
      invite,
      reply,
      theirFingerprint: theirs.code.fingerprint,
      peerName: theirs.known?.name ?? theirs.code.name ?? '',
      called: theirs.known?.called,
      vouch: theirs.via === 'camera' || theirs.via === 'known' ? theirs.via : undefined,
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

  /** What the judge of codes needs to know; the state machine holds the same rules and would refuse as well. */
  function situation() {
    const { attempts, used, ownPast } = state;
    const busy = attempts.filter(({ at }) => at === 'reaching' || at === 'up');
    const waiting = attempts.filter(({ role, at }) => role === 'inviter' && at === 'waiting');
    return {
      mySessionIds: new Set(waiting.map(({ session }) => session)),
      myFingerprints: new Set([...ownPast, ...attempts.map(({ fingerprint }) => fingerprint)]),
      usedSessionIds: new Set([...used, ...busy.map(({ session }) => session)]),
    };
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
        code: {
          at: 'ready',
          kind: entry.mine.kind,
          text: entry.text,
          local,
          ...(entry.delivered ? { delivered: true } : {}),
        },
        ours: entry.mine.candidates,
        reaching: front.at === 'reaching' || front.at === 'up' ? entry.connection : undefined,
        sinceMs: reachingSinceMs,
      };
    },
    async takeCode(text, via, known) {
      const decoded = decodeCode(text);
      if (!decoded.ok) return decoded.fault;
      const { code, bytes, foreign } = decoded;
      const fault = judgeCode(code, { ...situation(), expecting: 'any', foreign });
      if (fault !== undefined) return fault;
      return take(
        {
          is: 'take',
          kind: code.kind,
          session: toHex(code.sessionId),
          fingerprint: toHex(code.fingerprint),
          fresh: ports.nextId(),
          quiet: known?.knock !== undefined,
        },
        { code, bytes, via, ...(known === undefined ? {} : { known }) },
      );
    },
    newCode: () => void take({ is: 'new-code', fresh: ports.nextId() }),
    addressesChanged: () => void take({ is: 'addresses-changed', fresh: ports.nextId() }),
    isUnderWay: () => state.attempts.some(({ at }) => at === 'reaching' || at === 'up'),
    invites: () =>
      state.attempts.flatMap(({ role, at, connection }) => {
        const text = live.get(connection)?.text;
        return role === 'inviter' && at === 'waiting' && text !== undefined ? [text] : [];
      }),
    feed() {
      for (const { feeder } of live.values()) feeder.nudge();
    },
    close() {
      closed = true;
      for (const id of [...live.keys()]) discard(id);
    },
  };
}
