// A network of RTCPeerConnections in memory, for whole links without a browser: descriptions are real texts, certificates
// have real hashes, and two connections are up once both know each other and the cable is in.

import { createHash, randomBytes } from 'node:crypto';
import type { LinkEngine } from '../../../link/ports.ts';
import type {
  RtcAddedCandidate,
  RtcChannel,
  RtcConnection,
  RtcConnectionState,
  RtcDescription,
  RtcFactory,
  RtcIceServer,
  RtcIceState,
  RtcStateEvent,
} from '../../../link/rtc.ts';
import { fieldsFromSdp, sdpFromFields } from '../../../shared/code/description.ts';
import type { SessionFields } from '../../../shared/code/link-code.ts';
import type { FaultView } from '../../../shared/model/fault.ts';
import type { ChannelRole, ConnectionId, LinkCommand, LinkSignalBody } from '../../../shared/model/link-channel.ts';

type Certificate = { readonly bytes: Buffer; getFingerprints(): { algorithm: string; value: string }[] };
type OpenedWith = {
  readonly address: string;
  readonly certificate: Certificate;
  readonly iceServers: readonly RtcIceServer[];
};
type Channel = RtcChannel & { readonly connection: SimulatedConnection };

export class SimulatedRtc {
  readonly connections = new Set<SimulatedConnection>();
  /** As a browser that cannot read what a code says. */
  refusesDescriptions = false;
  /** A browser that is too busy to look for its addresses in time. */
  namesNoAddress = false;
  /** Before a bye gets there, if its connection is still open then. */
  busy: Promise<void> = Promise.resolve();
  #isCut = false;

  /** One side's browser. `address` is what its codes name. */
  browser(address: string): RtcFactory {
    return {
      open: ({ certificates, iceServers }) =>
        new SimulatedConnection(this, { address, iceServers, certificate: certificates![0] as unknown as Certificate }),
      async makeCertificate() {
        const bytes = randomBytes(64);
        const hex = createHash('sha256').update(bytes).digest('hex').toUpperCase().match(/../g)!.join(':');
        const certificate: Certificate = { bytes, getFingerprints: () => [{ algorithm: 'sha-256', value: hex }] };
        return certificate;
      },
    };
  }

  get isCut(): boolean {
    return this.#isCut;
  }

  /** What is said on the way is lost, and no connection shows it yet. */
  cutUnnoticed(): void {
    this.#isCut = true;
  }

  cut(): void {
    this.cutUnnoticed();
    for (const each of this.connections) if (each.connectionState === 'connected') each.become('disconnected');
  }

  mend(): void {
    this.#isCut = false;
  }

  meet(from: SimulatedConnection): void {
    const to = [...this.connections].find(({ ufrag }) => ufrag === from.remote?.ufrag);
    if (to === undefined || this.#isCut) return;
    if (to.remote === undefined) to.startChecking();
    if (to.remote?.ufrag !== from.ufrag) return;
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      one.peer = other;
      one.become('connected');
    }
  }
}

export class SimulatedConnection implements RtcConnection {
  connectionState: RtcConnectionState = 'new';
  iceConnectionState: RtcIceState = 'new';
  readonly iceGatheringState = 'complete';
  localDescription: { readonly sdp: string } | null = null;
  readonly ufrag = randomBytes(4).toString('hex');
  remote: SessionFields | undefined;
  peer: SimulatedConnection | undefined;
  isDtlsFailed = false;
  /** The engine that got its control channel, and its number there. */
  owner: { readonly engine: Pick<SimulatedEngine, 'opened' | 'closed'>; readonly id: ConnectionId } | undefined;
  readonly certificate: Certificate;
  /** It asks them for as long as it is open. */
  readonly servers: readonly string[];
  readonly #network: SimulatedRtc;
  readonly #address: string;
  readonly #listeners = new Map<string, Set<(event: never) => void>>();

  constructor(network: SimulatedRtc, { address, certificate, iceServers }: OpenedWith) {
    this.#network = network;
    this.#address = address;
    this.certificate = certificate;
    this.servers = iceServers.map(({ urls }) => urls);
    network.connections.add(this);
  }

  get sctp() {
    const { peer } = this;
    const certificates = peer === undefined ? [] : [Uint8Array.from(peer.certificate.bytes).buffer];
    const state = this.isDtlsFailed ? 'failed' : peer === undefined ? 'new' : 'connected';
    const transport = {
      state,
      getRemoteCertificates: () => certificates,
      addEventListener: () => undefined,
      removeEventListener: () => undefined,
    };
    return { maxMessageSize: 262_144, transport };
  }

  startChecking(): void {
    if (this.iceConnectionState !== 'new') return;
    this.iceConnectionState = 'checking';
    this.#notify('iceconnectionstatechange');
  }

  become(at: 'connected' | 'disconnected'): void {
    if (this.connectionState === 'closed' || this.connectionState === at) return;
    this.connectionState = at;
    this.iceConnectionState = at;
    if (at === 'connected') this.owner?.engine.opened(this.owner.id);
    this.#notify('connectionstatechange');
  }

  /** ICE found a pair, and DTLS is not through yet. */
  reach(): void {
    this.iceConnectionState = 'connected';
    this.#notify('iceconnectionstatechange');
  }

  /** As after an alert of its other end. */
  failDtls(): void {
    this.isDtlsFailed = true;
    this.connectionState = 'failed';
    this.#notify('connectionstatechange');
  }

  addEventListener(type: RtcStateEvent | string, listener: (event: never) => void): void {
    const set = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, set.add(listener));
  }

  #notify(type: RtcStateEvent): void {
    for (const listener of this.#listeners.get(type) ?? []) (listener as () => void)();
  }

  async addIceCandidate(_: RtcAddedCandidate): Promise<void> {
    this.#network.meet(this);
  }

  addTransceiver = (): unknown => undefined;
  createDataChannel = (label: string): Channel => ({ label, connection: this });
  createOffer = async (): Promise<RtcDescription> => ({ type: 'offer' });
  createAnswer = async (): Promise<RtcDescription> => ({ type: 'answer' });
  getStats = async () => new Map();

  async setLocalDescription(): Promise<void> {
    const { value } = this.certificate.getFingerprints()[0]!;
    const fields: SessionFields = {
      ufrag: this.ufrag,
      pwd: randomBytes(12).toString('hex'),
      fingerprint: Buffer.from(value.replaceAll(':', ''), 'hex'),
      candidates: this.#network.namesNoAddress
        ? []
        : [{ kind: 'host', family: 4, address: this.#address, port: 50_000 }],
    };
    this.localDescription = { sdp: sdpFromFields(fields, { type: 'offer', setup: 'actpass' }) };
  }

  async setRemoteDescription({ sdp = '' }: RtcDescription): Promise<void> {
    if (this.#network.refusesDescriptions) throw new DOMException('on purpose', 'InvalidAccessError');
    this.remote = fieldsFromSdp(sdp);
    this.startChecking();
    this.#network.meet(this);
  }

  close(): void {
    const isHeard = this.connectionState === 'connected' && !this.#network.isCut;
    this.connectionState = 'closed';
    this.#network.connections.delete(this);
    if (isHeard) this.peer?.owner?.engine.closed(this.peer.owner.id);
    if (this.peer?.connectionState === 'connected') this.peer.become('disconnected');
  }
}

/** Carries signals and byes over whichever connection was adopted last. */
export class SimulatedEngine implements LinkEngine {
  readonly commands: LinkCommand[] = [];
  readonly #network: SimulatedRtc;
  readonly #controls = new Map<ConnectionId, SimulatedConnection>();
  readonly #held = new Map<ConnectionId, LinkSignalBody[]>();
  #adopted: ConnectionId | undefined;
  #opened = (_: ConnectionId): void => undefined;
  #signal = (_: ConnectionId, __: LinkSignalBody): void => undefined;
  #left = (_: ConnectionId): void => undefined;
  #closed = (_: ConnectionId, __: ChannelRole): void => undefined;
  #live = (_: ConnectionId, __: 'alive' | 'suspect', ___: number | undefined): void => undefined;
  #violation = (_: ConnectionId, __: FaultView): void => undefined;

  constructor(network: SimulatedRtc) {
    this.#network = network;
  }

  giveChannel(id: ConnectionId, role: 'control' | 'bulk', channel: RtcChannel): void {
    if (role === 'bulk') return;
    const { connection } = channel as Channel;
    connection.owner = { engine: this, id };
    this.#controls.set(id, connection);
  }

  /** The other end of it was. */
  closed(id: ConnectionId): void {
    queueMicrotask(() => this.#closed(id, 'control'));
  }

  opened(id: ConnectionId): void {
    queueMicrotask(() => this.#opened(id));
  }

  command(command: LinkCommand): void {
    this.commands.push(command);
    if (command.do === 'adopt') {
      this.#adopted = command.connection;
      for (const body of this.#held.get(command.connection)?.splice(0) ?? []) this.#signal(command.connection, body);
    }
    if (command.do === 'signal') this.#peer((engine, id) => engine.#receive(id, command.body));
    if (command.do === 'end' && command.say === 'bye') {
      this.#peer((engine, id, from) => {
        void this.#network.busy.then(() => from.connectionState !== 'closed' && engine.#left(id));
      });
    }
  }

  /** What a real engine may have posted before it heard of the end of a link. */
  tellOf(id: ConnectionId): Readonly<Record<'left' | 'violation' | 'silence' | 'goodbye' | 'nonsense', () => void>> {
    return {
      left: () => this.#left(id),
      violation: () => this.#violation(id, { code: 'peer-violation', message: 'of the link before' }),
      silence: () => this.#live(id, 'suspect', undefined),
      goodbye: () => this.#signal(id, { say: 'goodbye', why: 'tampered' }),
      nonsense: () => this.#signal(id, { say: 'nonsense' }),
    };
  }

  /** Signals for a connection that is not adopted yet wait. */
  #receive(id: ConnectionId, body: LinkSignalBody): void {
    if (id === this.#adopted) this.#signal(id, body);
    else this.#held.set(id, [...(this.#held.get(id) ?? []), body]);
  }

  #peer(deliver: (engine: SimulatedEngine, id: ConnectionId, from: SimulatedConnection) => void): void {
    const own = this.#adopted === undefined ? undefined : this.#controls.get(this.#adopted);
    const owner = own?.peer?.owner;
    const engine = owner?.engine;
    if (own === undefined || owner === undefined || !(engine instanceof SimulatedEngine) || this.#network.isCut) return;
    queueMicrotask(() => deliver(engine, owner.id, own));
  }

  onControlOpen(listener: (id: ConnectionId) => void): () => void {
    const listeners = this.#opened;
    this.#opened = (id) => {
      listeners(id);
      listener(id);
    };
    return () => undefined;
  }
  onChannelClosed(listener: (id: ConnectionId, role: ChannelRole) => void): () => void {
    const listeners = this.#closed;
    this.#closed = (id, role) => {
      listeners(id, role);
      listener(id, role);
    };
    return () => undefined;
  }
  onSignal(listener: (id: ConnectionId, body: LinkSignalBody) => void): () => void {
    this.#signal = listener;
    return () => undefined;
  }
  onPeerLeft(listener: (id: ConnectionId) => void): () => void {
    this.#left = listener;
    return () => undefined;
  }
  onLiveness(listener: (id: ConnectionId, at: 'alive' | 'suspect', ms: number | undefined) => void): () => void {
    this.#live = listener;
    return () => undefined;
  }
  onViolation(listener: (id: ConnectionId, fault: FaultView) => void): () => void {
    this.#violation = listener;
    return () => undefined;
  }
  onWantLanes = () => () => undefined;
  onLaneEmpty = () => () => undefined;
}
