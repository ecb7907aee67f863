// One connection on a stack that is not a browser's, with the two channels of docs/PROTOCOL.md ("Connections and channels").
// The library answers candidates that are added again as duplicates and has no word for checks that come before the other
// side is known: this client promotes a standby connection when it notices the cut itself, and adds nothing again.

import { createSocket, type Socket } from 'node:dgram';
import { type DataChannel, PeerConnection } from 'node-datachannel';
import type { Candidate, Fields } from './link-code.ts';

type Setup = 'active' | 'passive';

export type ConnectionEvents = {
  readonly control: (text: string) => void;
  readonly frame: (bytes: Buffer) => void;
  /** Connected, and both channels are open. */
  readonly open: () => void;
  readonly closed: () => void;
  /** It will never come up. */
  readonly failed: () => void;
};

const preferences = { host: 126, srflx: 100, relay: 2 } as const;

export class Connection {
  readonly #pc: PeerConnection;
  readonly #control: DataChannel;
  readonly #bulk: DataChannel;
  readonly #gathered: Promise<void>;
  #deaf: Socket | undefined;
  #isClosed = false;
  #isOpen = false;

  constructor(events: ConnectionEvents) {
    this.#pc = new PeerConnection('client', {
      iceServers: [],
      disableAutoNegotiation: true,
      maxMessageSize: 262_144,
    });
    this.#gathered = new Promise((resolve) => {
      this.#pc.onGatheringStateChange((state) => {
        if (state === 'complete') resolve();
      });
    });
    this.#control = this.#pc.createDataChannel('control', { negotiated: true, id: 0 });
    this.#bulk = this.#pc.createDataChannel('bulk', { negotiated: true, id: 1 });
    // Never work within a callback of the library: what is thrown there ends the process.
    const later = (task: () => void) =>
      setImmediate(() => {
        if (!this.#isClosed) task();
      });
    this.#pc.onStateChange((state) => {
      if (state === 'failed' && !this.#isOpen) later(() => events.failed());
    });
    this.#control.onMessage((message) => later(() => events.control(String(message))));
    this.#bulk.onMessage((message) => {
      const bytes = Buffer.from(message as Buffer);
      later(() => events.frame(bytes));
    });
    for (const channel of [this.#control, this.#bulk]) {
      channel.onOpen(() =>
        later(() => {
          if (this.#isOpen || !this.#control.isOpen() || !this.#bulk.isOpen()) return;
          this.#isOpen = true;
          events.open();
        }),
      );
    }
    this.#control.onClosed(() => later(() => events.closed()));
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Own side first. */
  async offer(): Promise<Fields> {
    this.#pc.setLocalDescription('offer');
    await this.#gathered;
    return this.#fields();
  }

  /**
   * Own side first, as a computer whose firewall lets nobody in before it spoke itself: what comes to the port that it names is dropped.
   * Its own checks reach the other side once it knows the answer. For where the other side checks before that (see `complete`).
   */
  async offerBehindFirewall(): Promise<Fields> {
    const { candidates, ...fields } = await this.offer();
    const socket = createSocket('udp4');
    this.#deaf = socket;
    await new Promise<void>((resolve) => socket.bind(0, resolve));
    const { port } = socket.address();
    const reached = candidates.filter(({ family }) => family === 4).map((candidate) => ({ ...candidate, port }));
    return { ...fields, candidates: reached };
  }

  /** Their side first; they start DTLS. */
  async answer(theirs: Fields): Promise<Fields> {
    this.#pc.setRemoteDescription(description(theirs, 'active'), 'offer');
    this.#pc.setLocalDescription('answer');
    await this.#gathered;
    return this.#fields();
  }

  /**
   * Completes an offer. `setup` is the role of the other side. That side must not reach this one before: libdatachannel 0.24 gives the
   * answer to its ICE thread first and stores the fingerprint after that, so where checks already come, DTLS now and then ends in
   * between and fails (libdatachannel#1612, open). Candidates are added last, so this side's own checks begin in time.
   */
  complete(theirs: Fields, setup: Setup): void {
    try {
      this.#pc.setRemoteDescription(description(theirs, setup), 'answer');
    } catch {
      // `failed` follows.
    }
  }

  /** Of the certificate that the other side really uses. */
  remoteFingerprint(): string {
    return this.#pc.remoteFingerprint().value.replaceAll(':', '').toLowerCase();
  }

  send(message: object): void {
    unlessClosing(() => this.#control.sendMessage(JSON.stringify(message)));
  }

  sendFrame(bytes: Buffer): void {
    unlessClosing(() => this.#bulk.sendMessageBinary(bytes));
  }

  bufferedBytes(): number {
    return this.#bulk.bufferedAmount();
  }

  close(): void {
    this.#isClosed = true;
    this.#deaf?.close();
    this.#deaf = undefined;
    this.#pc.close();
  }

  #fields(): Fields {
    const sdp = this.#pc.localDescription()!.sdp;
    const line = (name: string) => new RegExp(`^a=${name}:(\\S+)`, 'm').exec(sdp)?.[1] ?? '';
    const fingerprint = /^a=fingerprint:sha-256 (\S+)/im.exec(sdp)![1]!.replaceAll(':', '').toLowerCase();
    const candidates = [...sdp.matchAll(/^a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ (host|srflx|relay)/gim)].flatMap(
      ([, address, port, kind]): Candidate[] => {
        const family = address!.includes(':') ? 6 : 4;
        if (/^(127\.|::1$|fe80)/i.test(address!)) return [];
        return [{ kind: kind as Candidate['kind'], family, address: address!, port: Number(port) }];
      },
    );
    return { ufrag: line('ice-ufrag'), pwd: line('ice-pwd'), fingerprint, candidates: candidates.slice(0, 8) };
  }
}

/** A connection that was cut refuses what is sent before anybody hears of the cut. */
function unlessClosing(send: () => void): void {
  try {
    send();
  } catch {
    // `closed` follows.
  }
}

/** The template without the video section, which another stack may leave out. */
function description({ ufrag, pwd, fingerprint, candidates }: Fields, setup: Setup): string {
  const lines = candidates.flatMap(({ kind, address, port }, at) => {
    const priority = preferences[kind] * 2 ** 24 + (65_535 - at) * 2 ** 8 + 255;
    const related = kind === 'host' ? '' : ' raddr 0.0.0.0 rport 0';
    return [`a=candidate:${at + 1} 1 udp ${priority} ${address} ${port} typ ${kind}${related} generation 0`];
  });
  return [
    'v=0',
    'o=- 1 2 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'a=group:BUNDLE 0',
    `a=ice-ufrag:${ufrag}`,
    `a=ice-pwd:${pwd}`,
    `a=fingerprint:sha-256 ${fingerprint.toUpperCase().match(/../g)!.join(':')}`,
    `a=setup:${setup}`,
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    'c=IN IP4 0.0.0.0',
    ...lines,
    'a=mid:0',
    'a=sctp-port:5000',
    'a=max-message-size:262144',
    '',
  ].join('\r\n');
}
