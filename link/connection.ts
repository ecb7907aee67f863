// One RTCPeerConnection and the only place that touches one: its own fresh certificate, gathering with a deadline, remote
// descriptions rebuilt from fields, candidates fed again with a rising generation. Promises: the channels are handed over
// in the task that made them; a channel, track or renegotiation that the peer brings is a violation. Truth is
// connectionState; the ICE state says `connected` for a peer whose certificate was refused.

import type { ConnectionId } from '../engine/commands.ts';
import { candidateLine, fieldsFromSdp, sdpFromFields } from '../shared/code/description.ts';
import type { Candidate, SessionFields } from '../shared/code/link-code.ts';
import { isNearAddress } from '../shared/lan/near-address.ts';
import { fromHex, sha256 } from '../shared/model/bytes.ts';
import { Fault } from '../shared/model/fault.ts';
import { bulkMessageMaxBytes, gatherDeadlineMs } from '../shared/wire/limits.ts';
import type { RetryScope } from './healing-state.ts';
import type { EngineDesk } from './link.ts';

export type ConnectionPlan = {
  readonly id: ConnectionId;
  readonly iceServers: readonly RTCIceServer[];
  readonly relayOnly: boolean;
  /** A lane carries bulk only; whatever may become the link itself has control too. */
  readonly control: boolean;
};

export interface Connection {
  readonly id: ConnectionId;
  /** SHA-256 of the certificate this side really uses. */
  readonly fingerprint: Uint8Array;
  state(): RTCPeerConnectionState;
  isReached(): boolean;
  /** Checks with this side's password came in, or it makes some itself. */
  isKnocked(): boolean;
  /** DTLS gave up: the certificate is not the promised one, or nobody answered for minutes. */
  isRefused(): boolean;
  maxMessageBytes(): number;
  remoteCandidates(): SessionFields['candidates'];
  /** Own side first: gathers, and waits for the other's fields. */
  offer(): Promise<SessionFields>;
  /** Their side first. They are read as the one who starts DTLS, so this side waits for as long as it takes. */
  answer(theirs: SessionFields): Promise<SessionFields>;
  /** Completes an `offer`. `setup` is the role the other side plays in DTLS. */
  complete(theirs: SessionFields, setup: 'active' | 'passive'): Promise<void>;
  /** Fresh pairs for the same candidates: the browser drops repeats unless their generation is higher. */
  feed(generation: number, scope: RetryScope): Promise<void>;
  /** SHA-256 of the certificate the other side really uses; there once connected. */
  remoteFingerprint(): Promise<Uint8Array | undefined>;
  stats(): Promise<RTCStatsReport>;
  onState(listener: () => void): () => void;
  onViolation(listener: () => void): () => void;
  close(): void;
}

export async function openConnection(plan: ConnectionPlan, desk: EngineDesk): Promise<Connection> {
  const certificate = await RTCPeerConnection.generateCertificate({
    name: 'ECDSA',
    namedCurve: 'P-256',
  } as EcKeyGenParams);
  const pc = new RTCPeerConnection({
    certificates: [certificate],
    iceServers: [...plan.iceServers],
    iceTransportPolicy: plan.relayOnly ? 'relay' : 'all',
    bundlePolicy: 'max-bundle',
  });
  giveChannels(pc, plan, desk);
  return wrap(plan.id, pc, fingerprintOf(certificate));
}

/**
 * A picture that nobody sends. Chromium lets a socket queue 64 KiB of packets, which a busy machine fills in a few
 * milliseconds and then loses what comes; where a description has video in it, it asks for 256 KiB. Who answers has it from
 * the other's description.
 */
function widenSocket(pc: RTCPeerConnection): void {
  pc.addTransceiver('video', { direction: 'inactive' });
}

function giveChannels(pc: RTCPeerConnection, plan: ConnectionPlan, desk: EngineDesk): void {
  if (plan.control) {
    const urgent = { negotiated: true, id: 0, ordered: true, priority: 'high' } as const;
    desk.giveChannel(plan.id, 'control', pc.createDataChannel('control', urgent));
  }
  const bulk = pc.createDataChannel('bulk', { negotiated: true, id: 1, ordered: true });
  desk.giveChannel(plan.id, 'bulk', bulk);
}

function wrap(id: ConnectionId, pc: RTCPeerConnection, fingerprint: Uint8Array): Connection {
  const stateListeners = new Set<() => void>();
  const violationListeners = new Set<() => void>();
  let remote: SessionFields | undefined;
  let described = false;

  const tell = () => {
    for (const listener of stateListeners) listener();
  };
  const violate = () => {
    for (const listener of violationListeners) listener();
  };
  pc.onconnectionstatechange = tell;
  pc.oniceconnectionstatechange = tell;
  pc.ondatachannel = violate;
  pc.ontrack = violate;
  pc.onnegotiationneeded = () => {
    if (described) violate();
  };

  async function take(fields: SessionFields, type: 'offer' | 'answer', setup: 'active' | 'passive'): Promise<void> {
    remote = fields;
    await pc.setRemoteDescription({ type, sdp: sdpFromFields(fields, { type, setup }) });
  }

  async function publish(): Promise<SessionFields> {
    described = true;
    await pc.setLocalDescription();
    await gathered(pc);
    return fieldsFromSdp(pc.localDescription?.sdp ?? '');
  }

  return {
    id,
    fingerprint,
    state: () => pc.connectionState,
    isReached: () => pc.iceConnectionState === 'connected' || pc.iceConnectionState === 'completed',
    isKnocked: () => pc.iceConnectionState !== 'new' && pc.iceConnectionState !== 'closed',
    isRefused: () => pc.sctp?.transport.state === 'failed',
    maxMessageBytes: () => Math.min(pc.sctp?.maxMessageSize || bulkMessageMaxBytes, bulkMessageMaxBytes),
    remoteCandidates: () => remote?.candidates ?? [],
    offer() {
      widenSocket(pc);
      return publish();
    },
    async answer(theirs) {
      await take(theirs, 'offer', 'active');
      return publish();
    },
    complete: (theirs, setup) => take(theirs, 'answer', setup),
    async feed(generation, scope) {
      if (remote === undefined || pc.connectionState === 'closed') return;
      const { ufrag, candidates } = remote;
      await Promise.all(
        candidates.map((each, at) =>
          scope === 'near' && !isNear(each)
            ? undefined
            : pc.addIceCandidate({
                candidate: candidateLine(each, at, generation),
                sdpMid: '0',
                usernameFragment: ufrag,
              }),
        ),
      ).catch((cause: unknown) => {
        if (pc.connectionState !== 'closed') throw new Fault('internal', 'feeding candidates again failed', { cause });
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
    },
  };
}

/** A name is one of mDNS, which only the own network answers. */
function isNear({ family, address }: Candidate): boolean {
  return family === 'mdns' || isNearAddress(family, address);
}

function gathered(pc: RTCPeerConnection): Promise<void> {
  if (pc.iceGatheringState === 'complete') return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, gatherDeadlineMs);
    pc.onicegatheringstatechange = () => {
      if (pc.iceGatheringState !== 'complete') return;
      clearTimeout(timer);
      resolve();
    };
  });
}

/** The connection may say `connected` a moment before its transport lists the certificates. */
function secured(transport: RTCDtlsTransport): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (
        transport.getRemoteCertificates().length === 0 &&
        (transport.state === 'new' || transport.state === 'connecting')
      ) {
        return;
      }
      transport.removeEventListener('statechange', look);
      resolve();
    };
    transport.addEventListener('statechange', look);
    look();
  });
}

function fingerprintOf(certificate: RTCCertificate): Uint8Array {
  const own = certificate.getFingerprints().find(({ algorithm }) => algorithm === 'sha-256')?.value;
  if (own === undefined) throw new Fault('internal', 'the browser names no SHA-256 fingerprint of its certificate');
  return fromHex(own.replaceAll(':', '').toLowerCase());
}

function subscribe<Listener>(set: Set<Listener>, listener: Listener): () => void {
  set.add(listener);
  return () => set.delete(listener);
}
