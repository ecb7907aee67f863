// Runs link/linked-state.ts: carries out what the table decides on the engine, on the connections and on the four things
// that live as long as a link (verification, standby connections, lanes, remembering), and draws the view from all of them.

import { toHex } from '../shared/model/bytes.ts';
import type { Clock } from '../shared/model/clock.ts';
import type { FaultView } from '../shared/model/fault.ts';
import type { ChannelRole, ConnectionId, LinkSignalBody } from '../shared/model/link-channel.ts';
import type { PeerView, TrustChoice } from '../shared/model/link-view.ts';
import { addressSettleMs, healingTickMs, routePollMs } from '../shared/wire/limits.ts';
import type { TokenBucket } from '../shared/wire/token-bucket.ts';
import type { Connection } from './connection.ts';
import { type Connections, pacedConnections } from './connections.ts';
import { EventQueue } from './event-queue.ts';
import { type LinkSignal, readSignal } from './link-signal.ts';
import { type LinkedEffect, type LinkedEvent, type LinkedState, nextLinked, startLinkedState } from './linked-state.ts';
import type { LanService, LinkEngine, RouterPort } from './ports.ts';
import type { ReportFacts } from './report.ts';
import { readPair, routeOf } from './route.ts';
import { startLanes } from './run-lanes.ts';
import type { Paired } from './run-pairing.ts';
import { startRemember } from './run-remember.ts';
import { startStandby } from './run-standby.ts';
import { startVerification, type Verification } from './run-verification.ts';
import { afterQuiet, every } from './timers.ts';
import { transcript } from './verification.ts';
import type { VerificationCheck } from './verification-state.ts';

export type LinkedPorts = {
  readonly engine: LinkEngine;
  readonly connections: Connections;
  readonly clock: Clock;
  /** Of the connections that this peer can have made. */
  readonly pace: TokenBucket;
  changed(): void;
  ended(why: FaultView): void;
  /** Keeps what two computers that remember each other share; absent where there is nowhere to keep it. */
  readonly lan: Pick<LanService, 'remember' | 'renew'> | undefined;
  readonly router: Pick<RouterPort, 'renew'> | undefined;
};

export type LinkedView =
  | {
      readonly at: 'verifying';
      /** Monotonic. */
      readonly sinceMs: number;
    }
  | { readonly at: 'linked'; readonly peer: PeerView }
  | {
      readonly at: 'reconnecting';
      readonly peer: PeerView;
      /** By the wall clock. */
      readonly sinceMs: number;
    };

export interface Linked {
  view(): LinkedView;
  /** The entry of the other side, where the two remember each other. */
  knownId(): string | undefined;
  /** For how long the link has been down. */
  downMs(): number | undefined;
  /** The engine carries, or carried, this link over it. */
  hasAdopted(connection: ConnectionId): boolean;
  handle(body: LinkSignalBody): void;
  controlOpen(connection: ConnectionId): void;
  channelClosed(connection: ConnectionId, role: ChannelRole): void;
  liveness(connection: ConnectionId, at: 'alive' | 'suspect', roundTripMs: number | undefined): void;
  wantLanes(count: number): void;
  laneEmpty(connection: ConnectionId): void;
  confirmVerification(choice: TrustChoice): void;
  remember(choice: 'yes' | 'no'): void;
  nudge(why: 'addresses' | 'woke' | 'online'): void;
  facts(): Promise<ReportFacts>;
  /** Stops at once; the connection itself stays where something was said last. */
  close(isByeSaid?: boolean): void;
}

/** What exists once the certificates were found right. */
type Secured = { readonly binding: Uint8Array; readonly verification: Verification };

export function startLinked(paired: Paired, ports: LinkedPorts): Linked {
  const { clock, connections, engine } = ports;
  const sinceMs = clock.now();
  const events = new EventQueue<LinkedEvent>();
  /** The connection that is the link, and standby connections that may become it. */
  const open = new Map<ConnectionId, Connection>();
  const adopted = new Set<ConnectionId>();
  let state: LinkedState = startLinkedState(paired.connection.id);
  let main = paired.connection;
  let secured: Secured | undefined;
  let isGoodbyeSaid = false;

  const send = (signal: LinkSignal) => engine.command({ do: 'signal', body: signal });
  const time = () => ({ nowMs: clock.now(), wallMs: clock.wallClockMs() });
  const paced = pacedConnections(connections, clock, ports.pace);
  const standby = startStandby({
    connections: paced,
    clock,
    send,
    ready(connection, pair) {
      open.set(connection.id, connection);
      const isControlOpen = connections.isControlOpen(connection.id);
      events.push({ is: 'standby-proven', connection: connection.id, pair, isControlOpen });
    },
    dropped(id) {
      open.delete(id);
      events.push({ is: 'standby-gone', connection: id });
    },
  });
  const lanes = startLanes({
    leads: paired.role === 'inviter',
    connections: paced,
    clock,
    send,
    use: (lane) => engine.command({ do: 'lane', connection: lane.id, maxMessageBytes: lane.maxMessageBytes() }),
    retire: (lane) => engine.command({ do: 'retire', connection: lane.id }),
    changed: ports.changed,
  });
  const remember = startRemember({ paired, send, keep: ports.lan?.remember, changed: ports.changed });
  const addresses = afterQuiet(clock, addressSettleMs, () => events.push({ is: 'addresses-settled' }));
  const stopTicks = every(clock, healingTickMs, () => events.push({ is: 'tick', nowMs: clock.now() }));
  const stopPolling = every(clock, routePollMs, () => void measure());

  function handle(event: LinkedEvent): void {
    const step = nextLinked(state, event);
    const isChanged = step.state !== state;
    state = step.state;
    for (const effect of step.effects) act(effect);
    if (isChanged && event.is !== 'tick') ports.changed();
  }

  function act(effect: LinkedEffect): void {
    switch (effect.do) {
      case 'adopt': {
        const binding = secured?.binding ?? new Uint8Array();
        const { id } = main;
        adopted.add(id);
        engine.command({
          do: 'adopt',
          connection: id,
          maxMessageBytes: main.maxMessageBytes(),
          binding,
          fresh: effect.fresh,
        });
        if (!effect.fresh) remember.switched();
        return;
      }
      case 'link-state':
        engine.command({ do: 'link-state', up: effect.up });
        if (!effect.up) ports.router?.renew();
        return;
      case 'probe':
        engine.command({ do: 'nudge' });
        return;
      case 'begin-verification':
        secured?.verification.begin();
        return;
      case 'verify':
        secured?.verification.handle(effect.signal);
        return;
      case 'verify-malformed':
        secured?.verification.handleMalformed();
        return;
      case 'authorize':
        authorize(effect.checked);
        return;
      case 'renew-secret':
        if (paired.remembered !== undefined) ports.lan?.renew(paired.remembered, effect.renewal);
        return;
      case 'remember':
        remember.handle(effect.signal);
        return;
      case 'lanes':
        lanes.handle(effect.signal);
        return;
      case 'lanes-up':
        lanes.linkUp(effect.isFresh);
        return;
      case 'lanes-down':
        lanes.linkDown();
        return;
      case 'standby':
        standby.announced(effect.pairs);
        return;
      case 'standby-up':
        standby.linkUp();
        return;
      case 'standby-down':
        standby.linkDown();
        return;
      case 'refill-standby':
        standby.refill();
        return;
      case 'renew-standby':
        standby.addressesChanged();
        return;
      case 'promote-standby':
        standby.promote();
        return;
      case 'wait-for-addresses':
        addresses.restart();
        return;
      case 'take-standby':
        takeStandby(effect.connection);
        return;
      case 'retry-candidates':
        void main.retryCandidates(effect.generation, effect.scope);
        standby.retryCandidates(effect.generation, effect.scope);
        return;
      case 'drop': {
        const connection = open.get(effect.connection);
        open.delete(effect.connection);
        if (connection !== undefined) connections.drop(connection);
        return;
      }
      case 'say-goodbye':
        send({ say: 'goodbye', why: 'tampered' });
        isGoodbyeSaid = adopted.has(main.id);
        return;
      case 'end':
        ports.ended({ code: effect.code, message: `the link ended: ${effect.code}` });
        return;
    }
  }

  /** The certificates really in use must be the ones that the codes name; then the link has a transcript to verify. */
  async function secure(): Promise<void> {
    const seen = await main.remoteFingerprint();
    const expected = toHex(paired.theirFingerprint);
    if (seen === undefined || toHex(seen) !== expected || expected === toHex(main.fingerprint)) {
      return events.push({ is: 'certificate-wrong' });
    }
    const [inviter, replier] = paired.role === 'inviter' ? [main.fingerprint, seen] : [seen, main.fingerprint];
    const { invite, reply } = paired;
    const binding = await transcript({ invite, reply, inviterFingerprint: inviter, replierFingerprint: replier });
    if (state.at === 'ended') return;
    secured = { binding, verification: verify(binding) };
    events.push({ is: 'secured', isControlOpen: connections.isControlOpen(main.id) });
    await measure();
  }

  function verify(binding: Uint8Array): Verification {
    return startVerification({
      role: paired.role,
      transcript: binding,
      proof: paired.proof,
      clock,
      send,
      changed: ports.changed,
      confirmed: (checked, renewal) => events.push({ is: 'verified', checked, renewal: toHex(renewal) }),
      failed: (why) => events.push({ is: 'verification-failed', why }),
    });
  }

  function authorize(checked: VerificationCheck): void {
    const { peerName, remembered } = paired;
    engine.command({
      do: 'authorize',
      peerName,
      checked: checked !== 'unchecked',
      ...(remembered === undefined ? {} : { remembered: remembered.id }),
    });
    // A remembered computer is remembered already. Telling it changes the view, so the link is authorized first.
    if (secured !== undefined && (checked === 'matched' || checked === 'camera')) remember.checked(secured.binding);
  }

  function takeStandby(id: ConnectionId): void {
    const connection = open.get(id);
    if (connection === undefined) return;
    standby.taken(connection);
    main = connection;
    watch(main);
  }

  function watch(connection: Connection): void {
    open.set(connection.id, connection);
    const { id } = connection;
    connection.onState(() => {
      events.push({ is: 'connection', connection: id, isConnected: connection.state() === 'connected', ...time() });
    });
    connection.onViolation(() => events.push({ is: 'violation', connection: id }));
  }

  function isUp(): boolean {
    return state.at !== 'ended' && state.line.at === 'up';
  }

  async function measure(): Promise<void> {
    if (!isUp()) return;
    const measured = main;
    const route = await readPair(measured);
    // The link may have ended meanwhile, or another connection may be it: this is then the address of somebody else.
    if (!isUp() || measured !== main) return;
    const address = route?.remote.address;
    if (address) engine.command({ do: 'peer-address', address });
    events.push({ is: 'measured', route });
  }

  const knownId = () => paired.remembered?.id ?? remember.knownId();

  function peer(): PeerView | undefined {
    const trust = secured?.verification.trust();
    if (state.at === 'ended' || trust === undefined) return undefined;
    const asking = remember.view();
    const view = {
      name: paired.peerName,
      trust,
      ...(knownId() === undefined ? {} : { knownId: knownId() as string }),
      ...(asking === undefined ? {} : { remember: asking }),
    };
    if (state.route === undefined) return view;
    const route = routeOf(state.route);
    const measuredMs = route.roundTripMs ?? state.roundTripMs;
    const base = { kind: route.kind, lanes: lanes.count() };
    return { ...view, route: measuredMs === undefined ? base : { ...base, roundTripMs: measuredMs } };
  }

  watch(main);
  events.start(handle);
  void secure();

  return {
    view() {
      const view = peer();
      if (state.at === 'ended' || view === undefined) return { at: 'verifying', sinceMs };
      if (state.line.at === 'up') return { at: 'linked', peer: view };
      return { at: 'reconnecting', peer: view, sinceMs: state.line.sinceWallMs };
    },
    knownId,
    downMs: () =>
      state.at !== 'ended' && state.healing.at === 'down' ? clock.now() - state.healing.sinceMs : undefined,
    hasAdopted: (connection) => adopted.has(connection),
    handle: (body) => events.push({ is: 'signal', signal: readSignal(body) }),
    controlOpen: (connection) => events.push({ is: 'control-open', connection }),
    channelClosed(connection, role) {
      if (role === 'bulk') lanes.channelClosed(connection);
      events.push({ is: 'channel-closed', connection, ...time() });
    },
    liveness: (connection, at, roundTripMs) =>
      events.push({ is: 'liveness', connection, isHeard: at === 'alive', roundTripMs, ...time() }),
    wantLanes: (count) => lanes.want(count),
    laneEmpty: (connection) => lanes.emptied(connection),
    confirmVerification: (choice) => secured?.verification.choose(choice),
    remember: (choice) => remember.choose(choice),
    nudge: (why) => events.push({ is: 'nudge', why, nowMs: clock.now(), standby: standby.count() }),
    facts: async () => ({
      pair: await readPair(main),
      standby: standby.count(),
      lanes: lanes.count(),
      state: main.state(),
    }),
    close(isByeSaid = false) {
      events.push({ is: 'close' });
      stopTicks();
      stopPolling();
      addresses.stop();
      secured?.verification.close();
      standby.close();
      lanes.close();
      paced.close();
      if (isByeSaid || isGoodbyeSaid) connections.dropOnceHeard(main);
      else connections.drop(main);
    },
  };
}
