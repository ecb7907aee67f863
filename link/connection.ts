// One RTCPeerConnection and the only place that touches one: its own fresh certificate, gathering with a deadline, remote
// descriptions rebuilt from fields, candidates added again with a rising generation. Promises: the channels are handed
// over in the task that made them; a channel, track or renegotiation that the peer brings is a violation. What counts is
// connectionState: the ICE state says `connected` for a peer whose certificate was refused.

import { familyOf } from '../shared/code/address.ts';
import { candidateLine, fieldsFromSdp, sdpFromFields } from '../shared/code/description.ts';
import type { Candidate, SessionFields } from '../shared/code/link-code.ts';
import { isLanAddress } from '../shared/lan/lan-address.ts';
import { fromHex, sha256 } from '../shared/model/bytes.ts';
import type { Clock } from '../shared/model/clock.ts';
import { Fault } from '../shared/model/fault.ts';
import type { ConnectionId } from '../shared/model/link-channel.ts';
import { bulkMessageMaxBytes, gatherDeadlineMs, routerAnswerMs } from '../shared/wire/limits.ts';
import type { RetryScope } from './healing-state.ts';
import type { HostAddress, LinkEngine, OwnNetworks, RouterPort } from './ports.ts';
import type {
  RtcCertificate,
  RtcConnection,
  RtcConnectionState,
  RtcDtlsTransport,
  RtcFactory,
  RtcIceServer,
  RtcStats,
} from './rtc.ts';

export type ConnectionPlan = {
  readonly id: ConnectionId;
  readonly iceServers: readonly RtcIceServer[];
  readonly relayOnly: boolean;
  /** Its ports are to be opened in the person's own router. */
  readonly askRouter: boolean;
  /** A lane carries bulk only; whatever may become the link itself has control too. */
  readonly control: boolean;
};

export interface Connection {
  readonly id: ConnectionId;
  /** SHA-256 of the certificate this side really uses. */
  readonly fingerprint: Uint8Array;
  state(): RtcConnectionState;
  /** ICE found a pair that works. */
  isReached(): boolean;
  /** Connectivity checks with this side's password came in, or it makes some itself. */
  isChecking(): boolean;
  /** DTLS gave up: the certificate is not the promised one, or nobody answered for minutes. */
  isDtlsFailed(): boolean;
  maxMessageBytes(): number;
  remoteCandidates(): SessionFields['candidates'];
  /** Own side first: gathers, and waits for the other's fields. */
  offer(): Promise<SessionFields>;
  /** Their side first. They are read as the one who starts DTLS, so this side waits for as long as it takes. */
  answer(theirs: SessionFields): Promise<SessionFields>;
  /** Completes an `offer`. `setup` is the role the other side plays in DTLS. */
  complete(theirs: SessionFields, setup: 'active' | 'passive'): Promise<void>;
  /** Fresh pairs for the same candidates: the browser drops repeats unless their generation is higher. */
  retryCandidates(generation: number, scope: RetryScope): Promise<void>;
  /** SHA-256 of the certificate the other side really uses; there once connected. */
  remoteFingerprint(): Promise<Uint8Array | undefined>;
  stats(): Promise<RtcStats>;
  onState(listener: () => void): () => void;
  onViolation(listener: () => void): () => void;
  close(): void;
}

export type ConnectionPorts = {
  readonly rtc: RtcFactory;
  readonly clock: Clock;
  readonly engine: LinkEngine;
  /** Where there is a host that can ask it. */
  readonly router?: RouterPort | undefined;
  readonly ownNetworks?: (() => OwnNetworks | undefined) | undefined;
};

export async function openConnection(
  plan: ConnectionPlan,
  { rtc, clock, engine, router, ownNetworks }: ConnectionPorts,
): Promise<Connection> {
  const certificate = await rtc.makeCertificate();
  const pc = await rtc.open({
    certificates: [certificate],
    iceServers: plan.iceServers,
    iceTransportPolicy: plan.relayOnly ? 'relay' : 'all',
    bundlePolicy: 'max-bundle',
  });
  giveChannels(pc, plan, engine);
  const fingerprint = fingerprintOf(certificate);
  const asksServers = plan.iceServers.length > 0 || plan.relayOnly;
  return wrap({
    ...{ id: plan.id, pc, fingerprint, clock },
    router: plan.askRouter ? router : undefined,
    networks: asksServers ? undefined : ownNetworks?.(),
  });
}

/**
 * A picture that nobody sends. Chromium lets a socket queue 64 KiB of packets, which a busy machine fills in a few
 * milliseconds and then loses what comes; where a description has video in it, it asks for 256 KiB. The side that answers
 * has it from the other's description.
 */
function widenSocket(pc: RtcConnection): void {
  pc.addTransceiver('video', { direction: 'inactive' });
}

function giveChannels(pc: RtcConnection, plan: ConnectionPlan, engine: LinkEngine): void {
  if (plan.control) {
    const urgent = { negotiated: true, id: 0, ordered: true, priority: 'high' } as const;
    engine.giveChannel(plan.id, 'control', pc.createDataChannel('control', urgent));
  }
  const bulk = pc.createDataChannel('bulk', { negotiated: true, id: 1, ordered: true });
  engine.giveChannel(plan.id, 'bulk', bulk);
}

type Wrapped = {
  readonly id: ConnectionId;
  readonly pc: RtcConnection;
  readonly fingerprint: Uint8Array;
  readonly clock: Clock;
  readonly router: RouterPort | undefined;
  /** Where the addresses of these are all that is waited for. */
  readonly networks: OwnNetworks | undefined;
};

function wrap({ id, pc, fingerprint, clock, router, networks }: Wrapped): Connection {
  const stateListeners = new Set<() => void>();
  const violationListeners = new Set<() => void>();
  let remote: SessionFields | undefined;
  let described = false;
  let opened: { readonly hosts: readonly HostAddress[]; readonly answer: Promise<unknown> } | undefined;

  const notifyState = () => {
    for (const listener of stateListeners) listener();
  };
  const notifyViolation = () => {
    for (const listener of violationListeners) listener();
  };
  pc.addEventListener('connectionstatechange', notifyState);
  pc.addEventListener('iceconnectionstatechange', notifyState);
  pc.addEventListener('datachannel', notifyViolation);
  pc.addEventListener('track', notifyViolation);
  pc.addEventListener('negotiationneeded', () => {
    if (described) notifyViolation();
  });

  async function setRemote(
    fields: SessionFields,
    type: 'offer' | 'answer',
    setup: 'active' | 'passive',
  ): Promise<void> {
    remote = fields;
    await pc.setRemoteDescription({ type, sdp: sdpFromFields(fields, { type, setup }) });
  }

  async function describe(): Promise<SessionFields> {
    described = true;
    await pc.setLocalDescription();
    await gathered(pc, clock, networks);
    const fields = fieldsFromSdp(pc.localDescription?.sdp ?? '');
    if (router === undefined || pc.connectionState === 'closed') return fields;
    const hosts = fields.candidates.filter(({ kind }) => kind === 'host');
    const answer = soon(router.open(hosts), clock);
    opened = { hosts, answer };
    const outside = (await answer) ?? [];
    return { ...fields, candidates: outside.reduce(withOpened, fields.candidates) };
  }

  return {
    id,
    fingerprint,
    state: () => pc.connectionState,
    isReached: () => pc.iceConnectionState === 'connected' || pc.iceConnectionState === 'completed',
    isChecking: () => pc.iceConnectionState !== 'new' && pc.iceConnectionState !== 'closed',
    isDtlsFailed: () => pc.sctp?.transport.state === 'failed',
    maxMessageBytes: () => Math.min(pc.sctp?.maxMessageSize || bulkMessageMaxBytes, bulkMessageMaxBytes),
    remoteCandidates: () => remote?.candidates ?? [],
    offer() {
      widenSocket(pc);
      return describe();
    },
    async answer(theirs) {
      await setRemote(theirs, 'offer', 'active');
      return describe();
    },
    complete: (theirs, setup) => setRemote(theirs, 'answer', setup),
    async retryCandidates(generation, scope) {
      if (remote === undefined || pc.connectionState === 'closed') return;
      const { ufrag, candidates } = remote;
      const added = candidates.flatMap((each, at) =>
        scope === 'near' && !isLan(each)
          ? []
          : [{ candidate: candidateLine(each, at, generation), sdpMid: '0', usernameFragment: ufrag }],
      );
      await Promise.all(added.map((each) => pc.addIceCandidate(each))).catch((cause: unknown) => {
        if (pc.connectionState !== 'closed') throw new Fault('internal', 'adding candidates again failed', { cause });
      });
    },
    async remoteFingerprint() {
      const transport = pc.sctp?.transport;
      if (transport === undefined) return undefined;
      await secured(transport);
      const certificate = transport.getRemoteCertificates()[0];
      return certificate === undefined ? undefined : sha256(new Uint8Array(certificate));
    },
    stats: () => pc.getStats(),
    onState: (listener) => subscribe(stateListeners, listener),
    onViolation: (listener) => subscribe(violationListeners, listener),
    close() {
      stateListeners.clear();
      violationListeners.clear();
      pc.close();
      // A port that is being opened is there once the answer is.
      void opened?.answer.then(() => router?.shut(opened?.hosts ?? []));
    },
  };
}

/**
 * Whoever comes by the router's port reaches this computer; what a server saw of the same address is of no more use. An address of
 * IPv6 is the same outside, and stands there already.
 */
function withOpened(candidates: readonly Candidate[], outside: HostAddress): readonly Candidate[] {
  if (candidates.some(({ address, port }) => address === outside.address && port === outside.port)) return candidates;
  const opened: Candidate = { kind: 'srflx', family: familyOf(outside.address) === 6 ? 6 : 4, ...outside };
  const others = candidates.filter(({ kind, address }) => kind !== 'srflx' || address !== outside.address);
  return [...others, opened];
}

/** A host that does not answer must not keep a code back. */
function soon<T>(answer: Promise<T>, clock: Clock): Promise<T | undefined> {
  return new Promise((resolve) => {
    const cancel = clock.after(routerAnswerMs, () => resolve(undefined));
    void answer
      .catch(() => undefined)
      .then((value) => {
        cancel();
        resolve(value);
      });
  });
}

/** A name is one of mDNS, which only the own network answers. */
function isLan({ family, address }: Candidate): boolean {
  return family === 'mdns' || isLanAddress(family, address);
}

/**
 * Until every address is found, or too long has passed. Chromium opens its UDP sockets first, looks for relays 50 ms later, and for ways over
 * TCP, which no code names, another 50 ms later (AllocationSequence::Process in WebRTC's basic_port_allocator.cc). Where no server
 * is asked, nothing is missing once every network of this computer has its address.
 */
function gathered(pc: RtcConnection, clock: Clock, networks: OwnNetworks | undefined): Promise<void> {
  const isDone = () => pc.iceGatheringState === 'complete' || hasEachNetwork(pc, networks);
  if (isDone()) return Promise.resolve();
  return new Promise((resolve) => {
    const cancel = clock.after(gatherDeadlineMs, resolve);
    const check = () => {
      if (!isDone()) return;
      cancel();
      resolve();
    };
    pc.addEventListener('icegatheringstatechange', check);
    pc.addEventListener('icecandidate', check);
  });
}

function hasEachNetwork({ localDescription }: RtcConnection, networks: OwnNetworks | undefined): boolean {
  if (networks === undefined || networks.length === 0 || localDescription === null) return false;
  const found = new Set(fieldsFromSdp(localDescription.sdp).candidates.map(({ address }) => address));
  return networks.every((addresses) => addresses.some((address) => found.has(address)));
}

/** The connection may say `connected` a moment before its transport lists the certificates. */
function secured(transport: RtcDtlsTransport): Promise<void> {
  return new Promise((resolve) => {
    const check = () => {
      const isUnderWay = transport.state === 'new' || transport.state === 'connecting';
      if (isUnderWay && transport.getRemoteCertificates().length === 0) return;
      transport.removeEventListener('statechange', check);
      resolve();
    };
    transport.addEventListener('statechange', check);
    check();
  });
}

function fingerprintOf(certificate: RtcCertificate): Uint8Array {
  const own = certificate.getFingerprints().find(({ algorithm }) => algorithm === 'sha-256')?.value;
  if (own === undefined) throw new Fault('internal', 'the browser names no SHA-256 fingerprint of its certificate');
  return fromHex(own.replaceAll(':', '').toLowerCase());
}

function subscribe<Listener>(set: Set<Listener>, listener: Listener): () => void {
  set.add(listener);
  return () => set.delete(listener);
}
