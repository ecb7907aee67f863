// A link from the moment its first connection is up until it ends: greeting, gate, liveness, healing, spares, lanes.
// Promises: nothing but link signals moves before the gate; silence and cuts only ever make it `reconnecting`; it ends
// when a person, the peer's bye or a violation ends it.

import type { ConnectionId, LinkSignalBody } from '../engine/commands.ts';
import { toHex } from '../shared/model/bytes.ts';
import type { FaultView } from '../shared/model/fault.ts';
import type { PeerView, TrustChoice } from '../shared/model/link-view.ts';
import { addressSettleMs, routePollMs } from '../shared/wire/limits.ts';
import type { Connection } from './connection.ts';
import type { HealingEffect } from './healing-state.ts';
import { startFeeder } from './ice-retry.ts';
import type { EngineDesk, RememberedPeer } from './link.ts';
import { type LinkSignal, readSignal } from './link-signal.ts';
import { type PairFacts, readPair, routeOf } from './route.ts';
import { startLanes } from './run-lanes.ts';
import type { Paired } from './run-pairing.ts';
import { startRemember } from './run-remember.ts';
import { startSpares } from './run-standby.ts';
import { type Greeting, startGreetingRun } from './run-verification.ts';
import { transcript } from './verification.ts';
import type { GreetingCheck } from './verification-state.ts';

export type LinkedPorts = {
  readonly desk: EngineDesk;
  readonly refeed: boolean;
  open(control: boolean): Promise<Connection>;
  drop(connection: Connection): void;
  isControlOpen(id: ConnectionId): boolean;
  changed(): void;
  ended(why: FaultView): void;
  /** Keeps the secret of a peer that both people want remembered; absent where there is nowhere to keep it. */
  readonly remember: ((kept: RememberedPeer) => void) | undefined;
};

export type LinkedFace =
  | { readonly at: 'greeting'; readonly sinceMs: number }
  | { readonly at: 'linked'; readonly peer: PeerView }
  | { readonly at: 'reconnecting'; readonly peer: PeerView; readonly sinceMs: number };

export interface Linked {
  face(): LinkedFace;
  hear(body: LinkSignalBody): void;
  controlOpen(connection: ConnectionId): void;
  channelClosed(connection: ConnectionId, role: 'control' | 'bulk'): void;
  liveness(at: 'alive' | 'suspect', roundTripMs: number | undefined): void;
  wantLanes(count: number): void;
  laneEmpty(connection: ConnectionId): void;
  settleDigits(choice: TrustChoice): void;
  remember(choice: 'yes' | 'no'): void;
  nudge(why: 'addresses' | 'woke' | 'online'): void;
  facts(): Promise<{
    readonly pair: PairFacts | undefined;
    readonly spares: number;
    readonly lanes: number;
    readonly state: string;
  }>;
  /** Stops at once; the connection itself may linger for a last word. */
  close(lingerMs?: number): void;
}

/** A spare that is up, and the number both sides know it by. */
type Proven = { readonly connection: Connection; readonly pair: number };

export function startLinked(paired: Paired, ports: LinkedPorts): Linked {
  const { desk } = ports;
  const sinceMs = Date.now();
  let main = paired.connection;
  let greeting: Greeting | undefined;
  let gateOpen = false;
  let closed = false;
  let alive = true;
  /** Number of the pair that is the link now; the first connection is none. Both sides keep the highest that came up. */
  let mainPair = 0;
  let mainClosed = false;
  let downSinceMs: number | undefined;
  let moved = false;
  let renewing: ReturnType<typeof setTimeout> | undefined;
  let pair: PairFacts | undefined;
  let roundTripMs: number | undefined;
  let binding: Uint8Array<ArrayBufferLike> = new Uint8Array();
  const early: LinkSignalBody[] = [];
  const proven = new Map<ConnectionId, Proven>();

  const send = (signal: LinkSignal) => desk.command({ do: 'signal', body: signal });
  const feeder = startFeeder(heal);
  const spares = startSpares({
    open: () => ports.open(true),
    drop: ports.drop,
    send,
    connected: (connection, pair) => {
      proven.set(connection.id, { connection, pair });
      if (ports.isControlOpen(connection.id)) switchTo({ connection, pair });
    },
  });
  const lanes = startLanes({
    leads: paired.role === 'inviter',
    open: () => ports.open(false),
    drop: ports.drop,
    send,
    usable: (lane) => desk.command({ do: 'lane', connection: lane.id, maxMessageBytes: lane.maxMessageBytes() }),
    retire: (lane) => desk.command({ do: 'retire', connection: lane.id }),
    changed: ports.changed,
  });
  const remember = startRemember({
    paired,
    binding: () => binding,
    send,
    keep: ports.remember,
    changed: ports.changed,
  });
  const polling = setInterval(() => void poll(), routePollMs);
  watch(main);
  void begin();

  /** The certificates really in use must be the ones the codes name; then the link has a transcript to greet over. */
  async function begin(): Promise<void> {
    const seen = await main.remoteFingerprint();
    if (closed) return;
    const expected = toHex(paired.theirFingerprint);
    if (seen === undefined || toHex(seen) !== expected || expected === toHex(main.fingerprint)) return tampered();
    const [inviter, replier] = paired.role === 'inviter' ? [main.fingerprint, seen] : [seen, main.fingerprint];
    binding = await transcript({
      invite: paired.invite,
      reply: paired.reply,
      inviterFingerprint: inviter,
      replierFingerprint: replier,
    });
    if (closed) return;
    adopt(true);
    greeting = startGreetingRun({
      role: paired.role,
      transcript: binding,
      vouch: paired.vouch,
      send,
      changed: ports.changed,
      openGate,
      failed: (why) => (why === 'tampered' ? tampered() : ports.ended(fault('link-unreachable'))),
    });
    for (const body of early.splice(0)) hear(body);
    if (ports.isControlOpen(main.id)) greeting.begin();
    await poll();
  }

  function adopt(fresh: boolean): void {
    desk.command({ do: 'adopt', connection: main.id, maxMessageBytes: main.maxMessageBytes(), binding, fresh });
    desk.command({ do: 'link-state', up: true });
  }

  function openGate(how: GreetingCheck): void {
    const checked = how !== 'unchecked';
    gateOpen = true;
    desk.command({ do: 'open-gate', peerName: paired.peerName, checked });
    // Telling it changes the view, and whoever sees an open gate uses it: only now is it open.
    if (how === 'matched' || how === 'camera') remember.take({ is: 'checked' });
    spares.refill();
    lanes.linkUp(false);
  }

  function tampered(): void {
    send({ say: 'goodbye', why: 'tampered' });
    ports.ended(fault('link-tampered'));
  }

  function hear(body: LinkSignalBody): void {
    if (closed) return;
    if (greeting === undefined) {
      if (early.length < 8) early.push(body);
      return;
    }
    const signal = readSignal(body);
    if (signal === undefined) {
      if (gateOpen) ports.ended(fault('peer-violation'));
      else greeting.hearNonsense();
      return;
    }
    switch (signal.say) {
      case 'commit':
      case 'nonce':
      case 'reveal':
      case 'ok':
        greeting.hear(signal);
        return;
      case 'goodbye':
        ports.ended(fault('link-tampered'));
        return;
      default:
        if (!gateOpen) greeting.hearNonsense();
        else if (signal.say === 'spares') spares.hear(signal.spares);
        else if (signal.say === 'remember') remember.take({ is: 'heard', theirs: signal.share });
        else if (signal.say === 'remember-not') remember.take({ is: 'heard-not' });
        else lanes.hear(signal);
    }
  }

  function watch(connection: Connection): void {
    connection.onState(() => {
      if (connection === main) judge();
    });
    connection.onViolation(() => ports.ended(fault('peer-violation')));
  }

  /** Up means connected and heard from. Anything else is down, and down is always worth another try. */
  function judge(): void {
    if (closed) return;
    const up = main.state() === 'connected' && alive && !mainClosed;
    if (up === (downSinceMs === undefined)) return;
    downSinceMs = up ? undefined : Date.now();
    desk.command({ do: 'link-state', up });
    if (up) recover(false);
    else {
      lanes.linkDown();
      spares.linkDown();
      feeder.down();
    }
    ports.changed();
  }

  function recover(fresh: boolean): void {
    feeder.up();
    spares.settle();
    if (!gateOpen) return;
    if (moved) renewSoon();
    else spares.refill();
    lanes.linkUp(fresh);
  }

  function heal(effect: HealingEffect): void {
    if (effect.do === 'spend-spare') {
      spares.spend();
      return;
    }
    if (!ports.refeed) return;
    void main.feed(effect.generation, effect.scope);
    spares.feed(effect.generation, effect.scope);
  }

  /** A spare took over: same peer, same transfers, another connection. */
  function switchTo({ connection, pair }: Proven): void {
    if (closed || pair <= mainPair) return;
    const previous = main;
    main = connection;
    mainPair = pair;
    spares.release(connection);
    mainClosed = false;
    alive = true;
    proven.delete(connection.id);
    watch(main);
    desk.command({ do: 'adopt', connection: main.id, maxMessageBytes: main.maxMessageBytes(), binding, fresh: false });
    const wasDown = downSinceMs !== undefined;
    downSinceMs = undefined;
    if (wasDown) desk.command({ do: 'link-state', up: true });
    ports.drop(previous);
    recover(true);
    ports.changed();
  }

  function renewSoon(): void {
    moved = false;
    clearTimeout(renewing);
    renewing = setTimeout(() => spares.renew(), addressSettleMs);
  }

  async function poll(): Promise<void> {
    if (closed || downSinceMs !== undefined) return;
    pair = await readPair(main);
    if (!closed) ports.changed();
  }

  function peer(): PeerView | undefined {
    const trust = greeting?.trust();
    if (trust === undefined) return undefined;
    const asking = remember.view();
    const { called } = paired;
    const view = {
      name: paired.peerName,
      trust,
      ...(called === undefined ? {} : { called }),
      ...(asking === undefined ? {} : { remember: asking }),
    };
    if (pair === undefined) return view;
    const route = routeOf(pair);
    const measured = route.roundTripMs ?? roundTripMs;
    const base = { kind: route.kind, lanes: lanes.count() };
    return { ...view, route: measured === undefined ? base : { ...base, roundTripMs: measured } };
  }

  return {
    face() {
      const view = peer();
      if (view === undefined) return { at: 'greeting', sinceMs };
      if (downSinceMs === undefined) return { at: 'linked', peer: view };
      return { at: 'reconnecting', peer: view, sinceMs: downSinceMs };
    },
    hear,
    controlOpen(id) {
      if (id === main.id) greeting?.begin();
      const spare = proven.get(id);
      if (spare) switchTo(spare);
    },
    channelClosed(id, role) {
      if (role === 'bulk') lanes.channelClosed(id);
      if (id !== main.id) return;
      mainClosed = true;
      judge();
      spares.spend();
    },
    liveness(at, measuredMs) {
      alive = at === 'alive';
      roundTripMs = measuredMs ?? roundTripMs;
      judge();
    },
    wantLanes: (count) => lanes.want(count),
    laneEmpty: (id) => lanes.emptied(id),
    settleDigits: (choice) => greeting?.choose(choice),
    remember(choice) {
      if (choice === 'yes') remember.want();
      else remember.take({ is: 'refused' });
    },
    nudge(why) {
      desk.command({ do: 'nudge' });
      moved ||= why === 'addresses';
      if (feeder.state().at === 'down') feeder.nudge();
      else if (why === 'addresses' && gateOpen && !spares.spend()) renewSoon();
    },
    facts: async () => ({
      pair: await readPair(main),
      spares: spares.count(),
      lanes: lanes.count(),
      state: main.state(),
    }),
    close(lingerMs = 0) {
      closed = true;
      clearInterval(polling);
      clearTimeout(renewing);
      greeting?.close();
      feeder.close();
      spares.close();
      lanes.close();
      if (lingerMs > 0) setTimeout(() => ports.drop(main), lingerMs);
      else ports.drop(main);
    },
  };
}

function fault(code: FaultView['code']): FaultView {
  return { code, message: `the link ended: ${code}` };
}
