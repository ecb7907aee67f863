// Carries out what link/pairing-state.ts decides: opens and closes connections, writes codes, adds the candidates of replies
// that wait for somebody slow again. Lives until one connection has won; then everything else is closed and the winner is
// handed over.

import { chooseCandidates } from '../shared/code/candidates.ts';
import { codeBytes, codeText, decodeCode, encodeCode } from '../shared/code/code-text.ts';
import { judgeCode } from '../shared/code/judge.ts';
import type { LinkCode } from '../shared/code/link-code.ts';
import { toHex } from '../shared/model/bytes.ts';
import type { Clock } from '../shared/model/clock.ts';
import { type FaultView, toFaultView } from '../shared/model/fault.ts';
import type { ConnectionId } from '../shared/model/link-channel.ts';
import type { CodeVia, MyCode } from '../shared/model/link-view.ts';
import { certificateRefusedMaxMs, crossingSettleMs, offlineRetryMs } from '../shared/wire/limits.ts';
import type { Connection } from './connection.ts';
import type { Connections } from './connections.ts';
import { type IceRetry, startIceRetry } from './ice-retry.ts';
import {
  nextPairing,
  type PairingCandidate,
  type PairingEffect,
  type PairingEvent,
  type PairingState,
  startPairing,
} from './pairing-state.ts';
import type { RememberedMeeting } from './ports.ts';
import type { CodeProof } from './verification-state.ts';

/** The connection that came up, and what both sides must agree on. */
export type Paired = {
  readonly connection: Connection;
  readonly role: 'inviter' | 'replier';
  readonly invite: Uint8Array;
  readonly reply: Uint8Array;
  readonly theirFingerprint: Uint8Array;
  readonly peerName: string;
  /** A remembered computer, found over the network. */
  readonly remembered: RememberedMeeting | undefined;
  /** What makes the digits needless for this side. */
  readonly proof: CodeProof | undefined;
};

export type PairingPorts = {
  readonly connections: Connections;
  readonly clock: Clock;
  deviceName(): string;
  changed(): void;
  /** Over the network, past the people. Answers whether it got there. */
  deliver(invite: string, reply: string): Promise<boolean>;
  answerCall(callId: string, reply: string): Promise<boolean>;
  won(paired: Paired): void;
  /** A candidate ended for a reason that a person should read; pairing goes on. */
  failed(fault: FaultView): void;
};

/** What the screen shows of it. `reaching` is there while a reply that was taken is being acted on. */
export type PairingView = {
  readonly code: MyCode;
  readonly ours: LinkCode['candidates'];
  readonly reaching?: Connection | undefined;
  /** Monotonic: what is shown is under way since then, or else whatever is; now, where nothing is. */
  readonly sinceMs: number;
};

export interface Pairing {
  view(): PairingView;
  takeCode(text: string, via: CodeVia, remembered?: RememberedSender): Promise<FaultView | undefined>;
  newCode(): void;
  addressesChanged(): void;
  /** What must be remembered of used codes by the next run. */
  memory(): PairingMemory;
  isUnderWay(): boolean;
  /** Monotonic: what is under way for the longest time, shown or not, is so since then; now, where nothing is. */
  oldestSinceMs(): number;
  /** Those that wait for a reply, as text. */
  invites(): readonly string[];
  /** The machine woke: replies that wait add their candidates again at once. */
  retryCandidates(): void;
  close(): void;
}

/** A remembered computer, by the name it has here. Where it called us, its invite awaits our reply. */
export type RememberedSender = { readonly name: string; readonly meeting: RememberedMeeting };

export type PairingMemory = Pick<PairingState, 'used' | 'ownPast'>;

type TheirCode = {
  readonly code: LinkCode;
  readonly bytes: Uint8Array;
  readonly via: CodeVia;
  readonly remembered?: RememberedSender;
};

/** A candidate whose code is written. */
type OpenCandidate = {
  readonly connection: Connection;
  readonly mine: LinkCode;
  readonly text: string;
  readonly retry: IceRetry;
  theirs?: TheirCode;
  /** Their reply was taken then, in monotonic time. */
  reachingSinceMs?: number;
  /** ICE found the first pair then, and DTLS began. Whoever replies does not know when the reply is taken. */
  reachedAtMs?: number;
  delivered?: true;
};

export function startPairingRun(ports: PairingPorts, memory: PairingMemory = startPairing): Pairing {
  const { clock, connections } = ports;
  const open = new Map<ConnectionId, OpenCandidate>();
  /** What the replies that are being written answer. */
  const making = new Map<ConnectionId, TheirCode>();
  /** Ends with this run: one connection won, or somebody closed it. */
  const run = new AbortController();
  /** For the deciding that is under way: one of before would end it too early. */
  let stopDeciding = (): void => undefined;
  let state: PairingState = { ...startPairing, used: memory.used, ownPast: memory.ownPast };

  function handle(event: PairingEvent, theirs?: TheirCode): Promise<FaultView | undefined> {
    if (run.signal.aborted) return Promise.resolve(undefined);
    const step = nextPairing(state, event);
    state = step.state;
    if (state.at !== 'deciding') stopDeciding();
    const done = step.effects.map((effect) => act(effect, theirs));
    ports.changed();
    return Promise.all(done).then((faults) => faults.find((fault) => fault !== undefined));
  }

  async function act(effect: PairingEffect, theirs: TheirCode | undefined): Promise<FaultView | undefined> {
    switch (effect.do) {
      case 'make-invite':
      case 'make-reply':
        return make(effect.connection, theirs);
      case 'deliver-again':
        deliverAgain(effect.connection, theirs!);
        return undefined;
      case 'take-reply':
        return complete(effect.connection, theirs!);
      case 'close':
        discard(effect.connection);
        return undefined;
      case 'decide-later':
        stopDeciding = clock.after(crossingSettleMs, () => void handle({ is: 'decide' }));
        return undefined;
      case 'win':
        win(effect.connection);
        return undefined;
      case 'refuse':
        return { code: effect.code, message: `refused: ${effect.code}` };
    }
  }

  async function make(id: ConnectionId, theirs: TheirCode | undefined): Promise<FaultView | undefined> {
    let connection: Connection | undefined;
    if (theirs) making.set(id, theirs);
    try {
      connection = await connections.open({ id, control: true });
      const mine = await writeCode(connection, theirs);
      if (run.signal.aborted || find(id) === undefined) {
        connections.drop(connection);
        return undefined;
      }
      if (mine.candidates.length === 0) return offline(connection, theirs !== undefined);
      await add(connection, mine, making.get(id));
      return undefined;
    } catch (error) {
      if (connection !== undefined && !open.has(id)) connections.drop(connection);
      return notMade(id, theirs !== undefined, toFaultView(error).message);
    } finally {
      making.delete(id);
    }
  }

  async function writeCode(connection: Connection, theirs: TheirCode | undefined): Promise<LinkCode> {
    const fields = await (theirs ? connection.answer(theirs.code) : connection.offer());
    return {
      ...fields,
      candidates: chooseCandidates(fields.candidates),
      kind: theirs ? 'reply' : 'invite',
      sessionId: theirs?.code.sessionId ?? crypto.getRandomValues(new Uint8Array(8)),
      name: ports.deviceName(),
    };
  }

  async function add(connection: Connection, mine: LinkCode, theirs: TheirCode | undefined): Promise<void> {
    const { id } = connection;
    const retry = startIceRetry(connection, clock);
    const candidate: OpenCandidate = { connection, mine, text: encodeCode(mine), retry };
    if (theirs) candidate.theirs = theirs;
    open.set(id, candidate);
    connection.onState(() => check(id, connection));
    connection.onViolation(() => remove(id));
    const [session, fingerprint] = [toHex(mine.sessionId), toHex(connection.fingerprint)];
    await handle({ is: 'made', connection: id, session, fingerprint });
    // That a code is made may end the run: a link that healed meanwhile needs none.
    if (!open.has(id)) return;
    if (theirs) {
      retry.wait();
      void deliver(candidate, theirs);
    }
    check(id, connection);
  }

  function notMade(id: ConnectionId, isReply: boolean, message: string): FaultView | undefined {
    if (isReply) {
      remove(id);
      return { code: 'code-malformed', message };
    }
    // The browser refuses to make any connection: settings it cannot read. Another try would fail alike.
    if (!run.signal.aborted) ports.failed({ code: 'settings-invalid', message });
    return undefined;
  }

  /** To the call that somebody waits for now. One of somebody else with the same invite was recorded. */
  function deliverAgain(id: ConnectionId, theirs: TheirCode): void {
    const candidate = open.get(id);
    const before = candidate?.theirs ?? making.get(id);
    const isSameCaller = before?.remembered?.meeting.id === theirs.remembered?.meeting.id;
    if (before === undefined || !isSameCaller || toHex(before.bytes) !== toHex(theirs.bytes)) return;
    if (candidate === undefined) making.set(id, theirs);
    else {
      candidate.theirs = theirs;
      void deliver(candidate, theirs);
    }
  }

  /** The way through people stays open all the while: this only makes it needless. */
  async function deliver(candidate: OpenCandidate, { bytes, remembered }: TheirCode): Promise<void> {
    const callId = callIdOf(remembered);
    const isDelivered = await (callId === undefined
      ? ports.deliver(codeText(bytes), candidate.text)
      : ports.answerCall(callId, candidate.text));
    if (!isDelivered || run.signal.aborted) return;
    candidate.delivered = true;
    ports.changed();
  }

  /**
   * No network, no code: an invite stays in the making, a reply cannot be made. Browsers name no address either when they are too
   * busy to look for one in time, and then no address ever changes: so it is tried again.
   */
  function offline(connection: Connection, isReply: boolean): FaultView | undefined {
    connections.drop(connection);
    if (!isReply) {
      clock.after(offlineRetryMs, () => {
        if (find(connection.id)?.at === 'making') void handle({ is: 'addresses-changed', fresh: connections.nextId() });
      });
      return undefined;
    }
    void handle({ is: 'gone', connection: connection.id, fresh: connections.nextId() });
    return { code: 'link-unreachable', message: 'this computer has no address on any network' };
  }

  async function complete(id: ConnectionId, theirs: TheirCode): Promise<FaultView | undefined> {
    const candidate = open.get(id);
    if (candidate === undefined) return { code: 'code-other-invite', message: 'that invite is gone' };
    candidate.theirs = theirs;
    candidate.reachingSinceMs = clock.now();
    try {
      await candidate.connection.complete(theirs.code, 'passive');
    } catch (error) {
      remove(id);
      return { code: 'code-malformed', message: toFaultView(error).message };
    }
    if (open.has(id)) candidate.retry.wait();
    return undefined;
  }

  function check(id: ConnectionId, connection: Connection): void {
    const candidate = open.get(id);
    // The one that won is a link's, whose end is not that of its code.
    if (candidate === undefined) return;
    if (connection.isReached()) candidate.reachedAtMs ??= clock.now();
    if (connection.state() === 'connected') void handle({ is: 'up', connection: id });
    else if (connection.isDtlsFailed()) dtlsFailed(id);
    else ports.changed();
  }

  /** DTLS that nobody answers takes minutes to give up; a wrong certificate is refused at once. */
  function dtlsFailed(id: ConnectionId): void {
    const candidate = open.get(id);
    const sinceMs = candidate?.reachedAtMs ?? candidate?.reachingSinceMs;
    const isSoon = sinceMs === undefined || clock.now() - sinceMs < certificateRefusedMaxMs;
    remove(id);
    const code = isSoon ? 'link-tampered' : 'link-unreachable';
    ports.failed({ code, message: 'the other side did not show the certificate of its code' });
  }

  function win(id: ConnectionId): void {
    const candidate = open.get(id);
    if (candidate?.theirs === undefined) return;
    open.delete(id);
    candidate.retry.close();
    run.abort();
    const { connection, mine, theirs } = candidate;
    const own = codeBytes(mine);
    const [invite, reply] = mine.kind === 'invite' ? [own, theirs.bytes] : [theirs.bytes, own];
    ports.won({
      connection,
      role: mine.kind === 'invite' ? 'inviter' : 'replier',
      invite,
      reply,
      theirFingerprint: theirs.code.fingerprint,
      peerName: theirs.remembered?.name ?? theirs.code.name ?? '',
      remembered: theirs.remembered?.meeting,
      proof: theirs.via === 'camera' || theirs.via === 'known' ? theirs.via : undefined,
    });
  }

  function remove(id: ConnectionId): void {
    discard(id);
    void handle({ is: 'gone', connection: id, fresh: connections.nextId() });
  }

  function discard(id: ConnectionId): void {
    const candidate = open.get(id);
    if (candidate === undefined) return;
    open.delete(id);
    candidate.retry.close();
    connections.drop(candidate.connection);
  }

  /** What the judge of codes needs to know; the state machine holds the same rules and would refuse as well. */
  function situation() {
    const { candidates, used, ownPast } = state;
    const busy = candidates.filter(({ at }) => at === 'reaching' || at === 'up');
    const waiting = candidates.filter(({ role, at }) => role === 'inviter' && at === 'waiting');
    return {
      mySessionIds: new Set(waiting.map(({ session }) => session)),
      myFingerprints: new Set([...ownPast, ...candidates.map(({ fingerprint }) => fingerprint)]),
      usedSessionIds: new Set([...used, ...busy.map(({ session }) => session)]),
    };
  }

  function find(id: ConnectionId | undefined): PairingCandidate | undefined {
    return state.candidates.find(({ connection }) => connection === id);
  }

  /** Whoever replied was reached at some time, and did not see its reply taken. */
  function underWaySinceMs(candidate: OpenCandidate | undefined): number | undefined {
    return candidate?.reachingSinceMs ?? candidate?.reachedAtMs;
  }

  function oldestSinceMs(): number {
    return Math.min(clock.now(), ...[...open.values()].flatMap((each) => underWaySinceMs(each) ?? []));
  }

  void handle({ is: 'new-code', fresh: connections.nextId() });

  return {
    memory: () => state,
    view() {
      const front = find(state.front);
      const shown = front && open.get(front.connection);
      const sinceMs = underWaySinceMs(shown) ?? oldestSinceMs();
      if (front === undefined || shown === undefined) return { code: { at: 'making' }, ours: [], sinceMs };
      const { mine, text } = shown;
      const local = mine.candidates.every(({ kind }) => kind === 'host');
      const delivered = shown.delivered ? { delivered: true as const } : {};
      return {
        code: { at: 'ready', kind: mine.kind, text, local, ...delivered },
        ours: mine.candidates,
        reaching: front.at === 'reaching' || front.at === 'up' ? shown.connection : undefined,
        sinceMs,
      };
    },
    async takeCode(text, via, remembered) {
      const decoded = decodeCode(text);
      if (!decoded.ok) return decoded.fault;
      const { code, bytes, foreign } = decoded;
      const fault = judgeCode(code, { ...situation(), expecting: 'any', foreign });
      if (fault !== undefined) return fault;
      return handle(
        {
          is: 'take',
          kind: code.kind,
          session: toHex(code.sessionId),
          fingerprint: toHex(code.fingerprint),
          fresh: connections.nextId(),
          quiet: callIdOf(remembered) !== undefined,
        },
        { code, bytes, via, ...(remembered === undefined ? {} : { remembered }) },
      );
    },
    newCode: () => void handle({ is: 'new-code', fresh: connections.nextId() }),
    addressesChanged: () => void handle({ is: 'addresses-changed', fresh: connections.nextId() }),
    oldestSinceMs,
    isUnderWay: () => state.candidates.some(({ at }) => at === 'reaching' || at === 'up'),
    invites: () =>
      state.candidates.flatMap(({ role, at, connection }) => {
        const text = open.get(connection)?.text;
        return role === 'inviter' && at === 'waiting' && text !== undefined ? [text] : [];
      }),
    retryCandidates() {
      for (const { retry } of open.values()) retry.nudge();
    },
    close() {
      run.abort();
      stopDeciding();
      for (const id of [...open.keys()]) discard(id);
    },
  };
}

function callIdOf(remembered: RememberedSender | undefined): string | undefined {
  return remembered?.meeting.callId;
}
