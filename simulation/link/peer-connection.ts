// A connection as link/rtc.ts wants one, over a simulated line. It does what was seen of browsers: checks are sent for fifteen
// seconds after candidates were added; a line that is silent for five seconds is "disconnected" and for fifteen more "failed"; a failed
// one comes back only when candidates of a higher generation are added; the side that was told nothing sees the other's checks come in;
// and a connection that never was up follows its computer to a new address, from which it can be answered, but not be found.

import { createHash } from 'node:crypto';
import type {
  RtcAddedCandidate,
  RtcCandidate,
  RtcCertificate,
  RtcChannelOptions,
  RtcConfig,
  RtcConnection,
  RtcConnectionState,
  RtcDescription,
  RtcDtlsTransport,
  RtcFactory,
  RtcIceState,
  RtcStateEvent,
  RtcStats,
  RtcStatsEntry,
} from '../../link/rtc.ts';
import { fieldsFromSdp, sdpFromFields } from '../../shared/code/description.ts';
import type { SessionFields } from '../../shared/code/link-code.ts';
import { fromHex, toHex } from '../../shared/model/bytes.ts';
import type { World } from '../world.ts';
import { SimulatedChannel } from './channel.ts';
import { answersForMs, type Side, type Wire } from './wire.ts';

const checksForMs = 15_000;
const checkEveryMs = 500;
/** One that works is looked at whenever the network changes, and now and then. */
const checkUpEveryMs = 5_000;
const disconnectedAfterMs = 5_000;
const failedAfterMs = 15_000;

type Certificate = RtcCertificate & { readonly der: Uint8Array<ArrayBuffer>; readonly fingerprint: Uint8Array };

/** All connections of one computer. */
export class SimulatedRtc {
  readonly world: World;
  readonly wire: Wire;
  readonly side: Side;
  readonly connections = new Set<SimulatedConnection>();
  other!: SimulatedRtc;
  #nextPort = 40_000;
  /** So many were there before this one. */
  #pages = 0;

  constructor(world: World, wire: Wire, side: Side) {
    this.world = world;
    this.wire = wire;
    this.side = side;
    wire.onChange(() => {
      for (const connection of [...this.connections]) connection.check();
    });
  }

  /** What a page that begins now has of it. One that is gone gets no answer any more, whatever it still asks for. */
  forPage(): RtcFactory {
    const page = this.#pages;
    return { open: (config) => this.#open(config), makeCertificate: () => this.#makeCertificate(page) };
  }

  #open(config: RtcConfig): RtcConnection {
    const connection = new SimulatedConnection(this, config.certificates?.[0] as Certificate, this.#nextPort++);
    this.connections.add(connection);
    return connection;
  }

  async #makeCertificate(page: number): Promise<RtcCertificate> {
    const { chance } = this.world;
    if (chance.hits(0.3)) await this.world.wait(chance.hits(0.1) ? chance.between(5, 400) : chance.between(0.1, 5));
    await this.#beforeAnswer(page);
    const der = crypto.getRandomValues(new Uint8Array(64));
    const fingerprint = new Uint8Array(createHash('sha256').update(der).digest());
    const value = toHex(fingerprint)
      .toUpperCase()
      .replaceAll(/(..)(?=.)/g, '$1:');
    return Object.assign({ getFingerprints: () => [{ algorithm: 'sha-256', value }] }, { der, fingerprint });
  }

  /** The browser does what it was asked to sooner or later. */
  async busy(): Promise<void> {
    const { chance } = this.world;
    const page = this.#pages;
    if (chance.hits(0.1)) await this.world.wait(chance.between(0.01, 5));
    await this.#beforeAnswer(page);
  }

  async #beforeAnswer(page: number): Promise<void> {
    await this.world.whileBusy();
    if (page !== this.#pages) await new Promise(() => undefined);
  }

  /** The page is gone, and with it everything that it had open. */
  pageGone(): void {
    this.#pages += 1;
    for (const connection of [...this.connections]) connection.close();
  }
}

export class SimulatedConnection implements RtcConnection {
  readonly #rtc: SimulatedRtc;
  readonly #certificate: Certificate;
  readonly #ufrag = randomWord(4);
  readonly #pwd = randomWord(24);
  readonly #port: number;
  readonly #channels: SimulatedChannel[] = [];
  readonly #listeners = new Map<string, Set<(event: never) => void>>();
  readonly #dtlsListeners = new Set<() => void>();
  /** No two go alike. */
  readonly #pace: number;
  /** Where it is bound. */
  #address = '';
  /** Where its description says that it is. */
  #toldAddress = '';
  #wasUp = false;
  #remote: SessionFields | undefined;
  #peer: SimulatedConnection | undefined;
  #checksUntilMs = 0;
  #generation = -1;
  #lastSentMs = -answersForMs;
  #silentSinceMs: number | undefined;
  #isSecured = false;
  #closedMs = 0;
  /** A router on the way forgot it. */
  #isLost = false;
  #stopTimer = (): void => undefined;
  connectionState: RtcConnectionState = 'new';
  iceConnectionState: RtcIceState = 'new';
  iceGatheringState = 'new';
  localDescription: { readonly sdp: string } | null = null;
  #dtlsState = 'new';

  constructor(rtc: SimulatedRtc, certificate: Certificate, port: number) {
    this.#rtc = rtc;
    this.#certificate = certificate;
    this.#port = port;
    this.#pace = rtc.world.chance.between(0.7, 1.3);
  }

  get sctp(): { readonly transport: RtcDtlsTransport; readonly maxMessageSize: number } | null {
    if (this.#remote === undefined) return null;
    const certificate = this.#peer === undefined ? undefined : this.#peer.#certificate.der;
    const transport: RtcDtlsTransport = {
      state: this.#dtlsState,
      getRemoteCertificates: () => (this.#isSecured && certificate !== undefined ? [certificate.buffer] : []),
      addEventListener: (_type, listener) => void this.#dtlsListeners.add(listener),
      removeEventListener: (_type, listener) => void this.#dtlsListeners.delete(listener),
    };
    return { transport, maxMessageSize: 262_144 };
  }

  addEventListener(type: RtcStateEvent, listener: () => void): void;
  addEventListener(type: 'icecandidate', listener: (event: { readonly candidate: RtcCandidate | null }) => void): void;
  addEventListener(type: 'icecandidateerror', listener: (event: { readonly errorCode: number }) => void): void;
  addEventListener(type: string, listener: (event: never) => void): void {
    const known = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, known.add(listener));
  }

  #tell(type: RtcStateEvent): void {
    for (const listener of [...(this.#listeners.get(type) ?? [])]) (listener as () => void)();
  }

  addTransceiver(): unknown {
    return undefined;
  }

  createDataChannel(label: string, _options?: RtcChannelOptions): SimulatedChannel {
    const channel = new SimulatedChannel(this.#rtc.world, label, {
      works: () => this.iceConnectionState === 'connected' && this.#carriesData() && this.#isHeardBothWays(),
      carries: () => this.#isUp() && this.#carriesData() && this.#peer !== undefined && this.#reaches(this.#peer),
      oneWayMs: () => this.#rtc.wire.oneWayMs,
    });
    this.#channels.push(channel);
    return channel;
  }

  createOffer(): Promise<RtcDescription> {
    return Promise.resolve({ type: 'offer' });
  }

  createAnswer(): Promise<RtcDescription> {
    return Promise.resolve({ type: 'answer' });
  }

  async setLocalDescription(): Promise<void> {
    const { world, wire, side } = this.#rtc;
    this.#requireOpen();
    this.iceGatheringState = 'gathering';
    world.after(world.chance.between(5, 100), () => {
      if (this.connectionState === 'closed') return;
      this.#address = wire.addresses[side];
      this.#toldAddress = this.#address;
      const fields: SessionFields = {
        ufrag: this.#ufrag,
        pwd: this.#pwd,
        fingerprint: this.#certificate.fingerprint,
        candidates: [{ kind: 'host', family: 4, address: this.#address, port: this.#port }],
      };
      const isAnswer = this.#remote !== undefined;
      const role = isAnswer
        ? ({ type: 'answer', setup: 'passive' } as const)
        : ({ type: 'offer', setup: 'actpass' } as const);
      this.localDescription = { sdp: sdpFromFields(fields, role) };
      this.iceGatheringState = 'complete';
      this.#tell('icegatheringstatechange');
      if (isAnswer) this.#sendChecks();
    });
  }

  async setRemoteDescription({ sdp }: RtcDescription): Promise<void> {
    this.#requireOpen();
    await this.#rtc.busy();
    this.#requireOpen();
    this.#remote = fieldsFromSdp(sdp ?? '');
    if (this.localDescription !== null) this.#sendChecks();
  }

  async addIceCandidate({ candidate, usernameFragment }: RtcAddedCandidate): Promise<void> {
    if (this.#remote === undefined || usernameFragment !== this.#remote.ufrag) return;
    const generation = Number(/ generation (\d+)/.exec(candidate)?.[1] ?? 0);
    // The same one once more is dropped.
    if (generation <= this.#generation) return;
    this.#generation = generation;
    this.#sendChecks();
  }

  /** As a browser refuses what is asked of a connection that is closed. */
  #requireOpen(): void {
    if (this.connectionState === 'closed') throw new Error('InvalidStateError: the connection is closed');
  }

  /** For a while nothing of this one gets through. */
  lose(ms: number): void {
    const pair = [this, this.#peer];
    const set = (isLost: boolean) => {
      for (const each of pair) if (each !== undefined) each.#isLost = isLost;
      this.#rtc.wire.changed();
    };
    set(true);
    this.#rtc.world.after(ms, () => set(false));
  }

  #carriesData(): boolean {
    return !this.#rtc.wire.isDataLost;
  }

  #sendChecks(): void {
    if (this.connectionState === 'closed') return;
    this.#checksUntilMs = this.#rtc.world.nowMs + checksForMs;
    if (this.iceConnectionState === 'new' || this.iceConnectionState === 'failed') this.#setIce('checking');
    this.check();
  }

  /** Looks at the line, and again while something may come of it. */
  check(): void {
    if (this.connectionState === 'closed') return;
    this.#stopTimer();
    const { world, wire, side } = this.#rtc;
    this.#peer ??= this.#findPeer();
    if (!this.#wasUp && this.#address !== '') this.#address = wire.addresses[side];
    if (this.#isSending()) this.#lastSentMs = world.nowMs;
    if (this.#remote !== undefined) this.#checkReachesOther();
    if (this.#peer !== undefined && this.#isHeardBothWays() && (this.#isSending() || this.#peer.#isSending()))
      this.#heard();
    else this.#notHeard();
    if (this.#isSending() || this.#silentSinceMs !== undefined) {
      const isQuiet = this.iceConnectionState === 'connected' && this.#silentSinceMs === undefined;
      this.#stopTimer = world.after(this.#pace * (isQuiet ? checkUpEveryMs : checkEveryMs), () => this.check());
    }
  }

  /** The other side of a check that knows nothing of this one sees it come in. */
  #checkReachesOther(): void {
    const { wire, side, other } = this.#rtc;
    if (!this.#isSending() || wire.isCut[side] || !this.#isAtHome()) return;
    const reached = [...other.connections].find((each) => each.#ufrag === this.#remote?.ufrag);
    if (reached === undefined || reached.#remote !== undefined || !reached.#isFound()) return;
    if (wire.hasFirewall[other.side] || reached.iceConnectionState !== 'new') return;
    reached.#setIce('checking');
  }

  #findPeer(): SimulatedConnection | undefined {
    return [...this.#rtc.other.connections].find(
      (each) => each.#ufrag === this.#remote?.ufrag && each.#remote?.ufrag === this.#ufrag,
    );
  }

  #isSending(): boolean {
    return this.#remote !== undefined && (this.#isUp() || this.#rtc.world.nowMs < this.#checksUntilMs);
  }

  #isUp(): boolean {
    return this.iceConnectionState === 'connected' || this.iceConnectionState === 'disconnected';
  }

  #isAtHome(): boolean {
    return this.#address !== '' && this.#address === this.#rtc.wire.addresses[this.#rtc.side];
  }

  /** The other side knows where to send, or hears from where it is. */
  #isFound(): boolean {
    return this.#isAtHome() && (this.#address === this.#toldAddress || this.#isSending());
  }

  /** Up to now, where it still sends. */
  #lastSent(): number {
    return this.#isSending() ? this.#rtc.world.nowMs : this.#lastSentMs;
  }

  /** What it sent last before it was closed has arrived by now, and nothing more comes. */
  #isGone(): boolean {
    const { world, wire } = this.#rtc;
    return this.connectionState === 'closed' && world.nowMs - this.#closedMs >= wire.oneWayMs;
  }

  #hasMoved(): boolean {
    return this.#address !== this.#toldAddress;
  }

  /** What this side sends gets to the other one. */
  #reaches(peer: SimulatedConnection): boolean {
    const { wire, world, side } = this.#rtc;
    if (peer.#isGone() || this.#isLost || wire.isCut[side]) return false;
    if (wire.isNewLost && !this.#wasUp) return false;
    if (!this.#isFound() || !peer.#isFound()) return false;
    // Nobody is found by two that both moved.
    if (this.#hasMoved() && peer.#hasMoved()) return false;
    return !wire.hasFirewall[peer.#rtc.side] || world.nowMs - peer.#lastSent() < answersForMs;
  }

  #isHeardBothWays(): boolean {
    const peer = this.#peer;
    return peer !== undefined && this.#reaches(peer) && peer.#reaches(this);
  }

  #heard(): void {
    this.#silentSinceMs = undefined;
    if (this.iceConnectionState === 'connected') {
      for (const channel of this.#channels) channel.goOn();
      return;
    }
    this.#wasUp = true;
    this.#setIce('connected');
    this.#peer?.check();
    if (this.#isSecured) this.#setConnection('connected');
    else if (this.#dtlsState !== 'failed') {
      this.#setDtls('connecting');
      // Each side is done in its own time.
      this.#rtc.world.after(this.#rtc.world.chance.between(3, 6) * this.#rtc.wire.oneWayMs, () => this.#secure());
    }
    for (const channel of this.#channels) channel.goOn();
  }

  #secure(): void {
    const peer = this.#peer;
    if (this.connectionState === 'closed' || peer === undefined || this.#isSecured) return;
    const isPeerUp = peer.iceConnectionState === 'connected' || (peer.#wasUp && !peer.#isGone());
    if (!this.#isHeardBothWays() || !isPeerUp) {
      this.#again();
      return;
    }
    const isRight = toHex(peer.#certificate.fingerprint) === toHex(this.#remote?.fingerprint ?? fromHex(''));
    if (!isRight) {
      this.#setDtls('failed');
      this.#setConnection('failed');
      return;
    }
    this.#isSecured = true;
    this.#setDtls('connected');
    this.#rtc.world.moment('a connection is secured');
    this.#setConnection('connected');
    // SCTP shakes hands once more.
    this.#rtc.world.after(this.#rtc.world.chance.between(0, 3) * this.#rtc.wire.oneWayMs, () => this.#openChannels());
  }

  #openChannels(): void {
    const peer = this.#peer;
    if (this.connectionState === 'closed' || peer === undefined) return;
    if (!this.#isHeardBothWays()) {
      this.#rtc.world.after(1_000, () => this.#openChannels());
      return;
    }
    for (const channel of this.#channels) {
      const other = peer.#channels.find(({ label }) => label === channel.label);
      if (other !== undefined) channel.open(other);
    }
  }

  /** DTLS sends again what got no answer. */
  #again(): void {
    this.#rtc.world.after(1_000, () => this.#secure());
  }

  #notHeard(): void {
    const { nowMs } = this.#rtc.world;
    if (this.iceConnectionState === 'checking') {
      if (nowMs >= this.#checksUntilMs && this.#remote !== undefined) this.#fail();
      return;
    }
    if (!this.#isUp()) return;
    this.#silentSinceMs ??= nowMs;
    const silentMs = nowMs - this.#silentSinceMs;
    if (silentMs >= disconnectedAfterMs + failedAfterMs) this.#fail();
    else if (silentMs >= disconnectedAfterMs && this.iceConnectionState === 'connected') {
      this.#setIce('disconnected');
      this.#setConnection('disconnected');
    }
  }

  #fail(): void {
    this.#silentSinceMs = undefined;
    this.#setIce('failed');
    this.#setConnection('failed');
  }

  #setIce(state: RtcIceState): void {
    if (this.iceConnectionState === state) return;
    this.iceConnectionState = state;
    if (state === 'checking' && !this.#isSecured) this.connectionState = 'connecting';
    this.#tell('iceconnectionstatechange');
  }

  #setConnection(state: RtcConnectionState): void {
    if (this.connectionState === state || this.connectionState === 'closed') return;
    this.connectionState = state;
    this.#tell('connectionstatechange');
  }

  #setDtls(state: string): void {
    this.#dtlsState = state;
    for (const listener of [...this.#dtlsListeners]) listener();
  }

  async getStats(): Promise<RtcStats> {
    const entries: RtcStatsEntry[] = [{ id: 'T', type: 'transport', selectedCandidatePairId: this.#isUp() ? 'P' : '' }];
    const local = this.#address;
    const remote = this.#peer === undefined ? '' : this.#peer.#address;
    const candidate = (id: string, address = '') => ({ id, type: id, address, candidateType: 'host', protocol: 'udp' });
    const seconds = (2 * this.#rtc.wire.oneWayMs) / 1_000;
    entries.push(
      { id: 'P', type: 'candidate-pair', localCandidateId: 'L', remoteCandidateId: 'R', currentRoundTripTime: seconds },
      candidate('L', local),
      candidate('R', remote),
    );
    return entries;
  }

  close(): void {
    if (this.connectionState === 'closed') return;
    const isHeard = this.#isHeardBothWays() && this.#isSecured;
    const peer = this.#peer;
    this.#stopTimer();
    this.connectionState = 'closed';
    this.#closedMs = this.#rtc.world.nowMs;
    this.iceConnectionState = 'closed';
    this.#rtc.connections.delete(this);
    for (const channel of this.#channels) channel.closeHere();
    if (peer === undefined || peer.connectionState === 'closed') return;
    this.#rtc.world.after(this.#rtc.wire.oneWayMs, () => {
      if (isHeard) for (const channel of peer.#channels) channel.closedThere();
      peer.check();
    });
  }
}

function randomWord(length: number): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  return [...crypto.getRandomValues(new Uint8Array(length))].map((byte) => letters[byte % 64]).join('');
}
