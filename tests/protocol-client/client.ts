// A client of the protocol that was written from docs/PROTOCOL.md and shares no code with Tincan: it pairs in both roles,
// shows the six digits, receives and sends one file at a time, and goes on over a standby connection after a cut.
// It takes no lanes and no direct lane, as a first version of another program would.

import { randomBytes } from 'node:crypto';
import { Connection } from './connection.ts';
import { codeBytes, codeText, type Fields, type LinkCode, newSessionId, packCode, unpackCode } from './link-code.ts';
import { claim, type Message, Receiving, Sending } from './transfers.ts';
import { commitment, digits, transcriptHash } from './verification.ts';

type Signal = { readonly say: string } & Readonly<Record<string, unknown>>;
type Pair = { readonly pair: number; readonly connection: Connection; readonly fields: Fields };
type Announced = { readonly pair: number; readonly fields: Fields };
type Role = 'inviter' | 'replier';

const standbyPairs = 3;
const pingEveryMs = 3_000;

export class ProtocolClient {
  readonly name: string;
  /** Resolves when each thing has happened once. */
  readonly digits: Promise<string>;
  readonly opened: Promise<void>;
  readonly standbyReady: Promise<void>;
  readonly healed: Promise<void>;
  /** What came and is not in the document, or not in turn. */
  readonly complaints: string[] = [];
  readonly offered: Promise<Receiving>;
  readonly #features: readonly string[];
  readonly #done: Readonly<Record<'digits' | 'opened' | 'standby' | 'healed' | 'offered', (value: never) => void>>;
  readonly #held = new Map<Connection, string[]>();
  #first: Connection | undefined;
  #link: Connection | undefined;
  #own: Pick<LinkCode, 'bytes' | 'fingerprint' | 'sessionId'> | undefined;
  #theirs: LinkCode | undefined;
  #role: Role = 'inviter';
  #transcript: Buffer = Buffer.alloc(0);
  readonly #nonce = randomBytes(32);
  #commitment = '';
  #hasConfirmed = false;
  #peerConfirmed = false;
  #isPastGate = false;
  #hasHello = false;
  #pairs: Pair[] = [];
  #announced: readonly Announced[] = [];
  #promoted: Pair | undefined;
  #receiving: Receiving | undefined;
  #sending: Sending | undefined;
  #pinging: NodeJS.Timeout | undefined;
  #pings = 0;
  #fail: (why: Error) => void = () => undefined;

  constructor(name: string, features: readonly string[] = []) {
    this.name = name;
    this.#features = features;
    const done: Record<string, (value: never) => void> = {};
    const once = <T>(what: string) =>
      new Promise<T>((resolve) => {
        done[what] = resolve as (value: never) => void;
      });
    this.digits = new Promise((resolve, reject) => {
      done.digits = resolve as (value: never) => void;
      this.#fail = reject;
    });
    this.digits.catch(() => undefined);
    this.opened = once('opened');
    this.standbyReady = once('standby');
    this.healed = once('healed');
    this.offered = once('offered');
    this.#done = done as never;
  }

  /** The text of an invite. */
  async invite(): Promise<string> {
    this.#first = this.#connect();
    // Whoever replies checks before the reply is here.
    const fields = await this.#first.offerBehindFirewall();
    return this.#makeCode('invite', newSessionId(), fields);
  }

  takeReply(text: string): void {
    this.#role = 'inviter';
    this.#theirs = unpackCode(codeBytes(text));
    this.#first!.complete(this.#theirs, 'passive');
  }

  /** The text of the reply to an invite. */
  async reply(invite: string): Promise<string> {
    this.#role = 'replier';
    this.#theirs = unpackCode(codeBytes(invite));
    this.#first = this.#connect();
    const fields = await this.#first.answer(this.#theirs);
    return this.#makeCode('reply', this.#theirs.sessionId, fields);
  }

  /** The person says that the digits match. */
  confirm(): void {
    this.#hasConfirmed = true;
    this.#say({ say: 'ok' });
    this.#openGate();
  }

  /** Resolves once it is delivered. */
  async send(name: string, bytes: Buffer): Promise<void> {
    const send = (message: Message) => this.#link!.send(message);
    this.#sending = new Sending(name, bytes, { send, sendFrame: (frame) => this.#link!.sendFrame(frame) });
    this.#sending.offer();
    await this.#sending.delivered;
  }

  /** Anything at all, for a client that breaks the rules. */
  sendRaw(message: Message): void {
    this.#link!.send(message);
  }

  /**
   * The connection that is the link goes, as if somebody had pulled the plug. The standby connection is promoted in the same moment, and
   * first: the other side checks over it as soon as it notices the cut (see `complete` in connection.ts).
   */
  cut(): void {
    const link = this.#link!;
    this.#isCut();
    link.close();
  }

  close(): void {
    clearInterval(this.#pinging);
    this.#link?.send({ type: 'bye' });
    for (const { connection } of this.#pairs) connection.close();
    this.#first?.close();
    this.#link?.close();
  }

  #connect(): Connection {
    const connection: Connection = new Connection({
      control: (text) => this.#take(connection, text),
      frame: (bytes) => {
        if (connection === this.#link) this.#receiving?.onFrame(bytes);
      },
      open: () => this.#opened(connection),
      closed: () => {
        if (connection === this.#link) this.#isCut();
      },
      failed: () => {
        if (connection === this.#first) this.#fail(new Error('the first connection failed'));
        else if (connection === this.#promoted?.connection) this.#promoteNext();
      },
    });
    return connection;
  }

  #makeCode(kind: LinkCode['kind'], sessionId: Buffer, fields: Fields): string {
    const bytes = packCode({ ...fields, kind, sessionId, name: this.name });
    this.#own = { bytes, sessionId, fingerprint: fields.fingerprint };
    return codeText(bytes);
  }

  #opened(connection: Connection): void {
    if (connection === this.#first && this.#link === undefined) {
      if (connection.remoteFingerprint() !== this.#theirs!.fingerprint) throw new Error('tampered');
      this.#link = connection;
      this.#startVerification();
    } else if (connection === this.#promoted?.connection) this.#switchTo(this.#promoted);
    for (const text of this.#held.get(connection)?.splice(0) ?? []) this.#take(connection, text);
  }

  #take(connection: Connection, text: string): void {
    if (connection !== this.#link) {
      // The other side may be a step ahead.
      const held = this.#held.get(connection) ?? [];
      held.push(text);
      this.#held.set(connection, held);
      return;
    }
    this.#onMessage(JSON.parse(text) as Message);
  }

  #onMessage(message: Message): void {
    switch (message.type) {
      case 'ping':
        this.#link!.send({ type: 'pong', n: message.n });
        return;
      case 'pong':
      case 'claims':
      case 'pause':
      case 'resume':
      case 'bye':
        return;
      case 'link':
        this.#onSignal(message.body as Signal);
        return;
      case 'hello':
        this.#hasHello = true;
        this.#greeted();
        return;
      case 'digest-request': {
        const digestsOfNone = (message.indexes as number[]).map(() => null);
        this.#link!.send({ type: 'digests', transfer: message.transfer, digests: digestsOfNone });
        return;
      }
      case 'offer':
        this.#receiving = new Receiving(message, (answer) => this.#link!.send(answer));
        (this.#done.offered as (value: Receiving) => void)(this.#receiving);
        return;
      case 'manifest':
      case 'continue':
      case 'complete':
      case 'closed':
        this.#receiving?.onMessage(message);
        return;
      case 'held':
      case 'accept':
      case 'stored':
      case 'nack':
      case 'delivered':
        this.#sending?.onMessage(message);
        return;
      default:
        this.complaints.push(`message ${JSON.stringify(message)}`);
    }
  }

  // Verification

  #startVerification(): void {
    const [own, theirs] = [this.#own!, this.#theirs!];
    const isInviter = this.#role === 'inviter';
    const [ownPrint, theirPrint] = [own.fingerprint, theirs.fingerprint].map((hex) => Buffer.from(hex, 'hex'));
    this.#transcript = transcriptHash({
      invite: isInviter ? own.bytes : theirs.bytes,
      reply: isInviter ? theirs.bytes : own.bytes,
      inviterFingerprint: isInviter ? ownPrint! : theirPrint!,
      replierFingerprint: isInviter ? theirPrint! : ownPrint!,
    });
    if (isInviter) this.#say({ say: 'commit', commitment: commitment(this.#transcript, this.#nonce).toString('hex') });
    this.#pinging = setInterval(() => this.#link?.send({ type: 'ping', n: ++this.#pings }), pingEveryMs);
  }

  #onSignal(signal: Signal): void {
    const nonce = this.#nonce.toString('hex');
    switch (signal.say) {
      case 'commit':
        this.#commitment = String(signal.commitment);
        this.#say({ say: 'nonce', nonce, camera: false });
        return;
      case 'nonce':
        this.#say({ say: 'reveal', nonce, camera: false });
        this.#show(this.#nonce, Buffer.from(String(signal.nonce), 'hex'));
        return;
      case 'reveal': {
        const theirs = Buffer.from(String(signal.nonce), 'hex');
        if (commitment(this.#transcript, theirs).toString('hex') !== this.#commitment) throw new Error('tampered');
        this.#show(theirs, this.#nonce);
        return;
      }
      case 'ok':
        this.#peerConfirmed = true;
        this.#openGate();
        return;
      case 'spares':
        this.#announced = signal.spares as Announced[];
        if (this.#pairs.length === standbyPairs && this.#announced.length > 0) (this.#done.standby as () => void)();
        return;
      case 'lane-offer':
        this.#say({ say: 'lane-close', lane: signal.lane });
        return;
      case 'lanes-wanted':
      case 'lane-close':
      case 'remember-not':
      case 'remember':
        return;
      default:
        this.complaints.push(`signal ${JSON.stringify(signal)}`);
    }
  }

  #show(inviterNonce: Buffer, replierNonce: Buffer): void {
    (this.#done.digits as (value: string) => void)(digits(this.#transcript, inviterNonce, replierNonce));
  }

  #say(body: Signal): void {
    this.#link!.send({ type: 'link', body });
  }

  // After the digits

  #openGate(): void {
    if (this.#isPastGate || !this.#hasConfirmed || !this.#peerConfirmed) return;
    this.#isPastGate = true;
    this.#hello();
    void this.#announce();
  }

  #hello(): void {
    const { name } = this;
    this.#link!.send({ type: 'hello', version: 1, app: 'protocol-client', name, features: this.#features });
    this.#greeted();
  }

  /** Both sides have said hello on this control. */
  #greeted(): void {
    if (!this.#hasHello || !this.#isPastGate) return;
    const binding = this.#transcript.toString('hex');
    const claims = [
      ...(this.#receiving?.isOver === false ? [claim(this.#receiving.secret, binding, 'receive')] : []),
      ...(this.#sending?.isOver === false ? [claim(this.#sending.secret, binding, 'send')] : []),
    ];
    this.#link!.send({ type: 'claims', claims });
    if (this.#promoted !== undefined) {
      if (this.#sending?.isOver === false) this.#sending.controlChanged();
      (this.#done.healed as () => void)();
    }
    (this.#done.opened as () => void)();
  }

  // Standby connections

  async #announce(): Promise<void> {
    const pairs: Pair[] = [];
    for (let pair = 1; pair <= standbyPairs; pair += 1) {
      const connection = this.#connect();
      pairs.push({ pair, connection, fields: await connection.offer() });
    }
    this.#pairs = pairs;
    this.#say({ say: 'spares', spares: pairs.map(({ pair, fields }) => ({ pair, fields })) });
    if (this.#announced.length > 0) (this.#done.standby as () => void)();
  }

  #isCut(): void {
    this.#receiving?.controlChanged();
    this.#promoteNext();
  }

  /** The lowest pair that both sides hold, and that was not tried. */
  #promoteNext(): void {
    this.#pairs = this.#pairs.filter(({ pair }) => pair > (this.#promoted?.pair ?? 0));
    const theirs = this.#announced.find(({ pair }) => this.#pairs.some((own) => own.pair === pair));
    const own = this.#pairs.find(({ pair }) => pair === theirs?.pair);
    if (own === undefined || theirs === undefined) return;
    this.#promoted = own;
    const weStart = own.fields.fingerprint < theirs.fields.fingerprint;
    own.connection.complete(theirs.fields, weStart ? 'passive' : 'active');
  }

  #switchTo({ pair, connection }: Pair): void {
    const announced = this.#announced.find((each) => each.pair === pair);
    if (connection.remoteFingerprint() !== announced?.fields.fingerprint) throw new Error('tampered');
    this.#link = connection;
    this.#hasHello = false;
    this.#pairs = this.#pairs.filter((each) => each.pair > pair);
    this.#hello();
  }
}
