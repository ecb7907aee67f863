// One file in each direction, as docs/PROTOCOL.md describes it under "Frames" and "Control messages".

import { createHash, randomBytes } from 'node:crypto';

export type Message = { readonly type: string } & Readonly<Record<string, unknown>>;
export type Send = (message: Message) => void;
type Range = readonly [from: number, to: number];

const blockBytes = 1024 * 1024;
const payloadMaxBytes = 131_072;
const credit = 24;

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest();
const hashOfAll = (hashes: readonly Buffer[]) => sha256(Buffer.concat(hashes)).toString('hex');
const newTag = () => randomBytes(4).readUInt32BE(0);

/** SHA-256 of the text that only the two sides of a transfer can make. */
export function claim(secret: string, binding: string, direction: 'send' | 'receive'): string {
  return sha256(Buffer.from(`tincan/resume/1|${secret}|${binding}|${direction}`)).toString('hex');
}

export class Receiving {
  readonly secret: string;
  readonly received: Promise<Buffer>;
  isOver = false;
  readonly #transfer: string;
  readonly #send: Send;
  readonly #entries: { readonly kind: string; readonly size?: number }[] = [];
  readonly #blocks = new Map<number, Buffer>();
  #tag: number | undefined;
  #arriving: { block: number; parts: Buffer[]; offset: number } | undefined;
  #resolve!: (bytes: Buffer) => void;

  constructor(offer: Message, send: Send) {
    this.#transfer = String(offer.transfer);
    this.secret = String(offer.secret);
    this.#tag = Number(offer.tag);
    this.#send = send;
    this.received = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  get blocks(): number {
    return this.#blocks.size;
  }

  onMessage(message: Message): void {
    switch (message.type) {
      case 'manifest':
        this.#entries.push(...(message.entries as { kind: string; size?: number }[]));
        if (message.last === true) this.#accept();
        return;
      case 'continue':
        this.#tag = Number(message.tag);
        this.#arriving = undefined;
        this.#send({ type: 'held', transfer: this.#transfer, ranges: this.#held() });
        this.#accept();
        return;
      case 'complete':
        this.#complete(String(message.root));
        return;
      case 'closed':
        this.isOver = true;
    }
  }

  onFrame(frame: Buffer): void {
    const isLast = (frame[0]! & 1) === 1;
    const [tag, block, offset] = [frame.readUInt32BE(4), frame.readUInt32BE(8), frame.readUInt32BE(12)];
    // Late ones of an attempt that is over.
    if (frame[0]! >> 4 !== 1 || tag !== this.#tag) return;
    if (offset === 0) this.#arriving = { block, parts: [], offset: 0 };
    const arriving = this.#arriving;
    if (arriving === undefined || arriving.block !== block || arriving.offset !== offset) {
      throw new Error('a frame out of order');
    }
    const payload = frame.subarray(16, isLast ? -32 : undefined);
    arriving.parts.push(payload);
    arriving.offset += payload.length;
    if (!isLast) return;
    const bytes = Buffer.concat(arriving.parts);
    if (!sha256(bytes).equals(frame.subarray(-32))) throw new Error('a block with another hash');
    this.#blocks.set(block, bytes);
    this.#send({
      type: 'stored',
      transfer: this.#transfer,
      tag: this.#tag,
      ranges: [[block, block + 1]],
      credit,
    });
  }

  /** Until `continue` names another attempt nothing counts: the other side may go on with the old one over the new connection. */
  controlChanged(): void {
    this.#arriving = undefined;
    this.#tag = undefined;
  }

  #accept(): void {
    this.#send({ type: 'accept', transfer: this.#transfer, tag: this.#tag, all: true, credit });
  }

  #held(): Range[] {
    return [...this.#blocks.keys()]
      .sort((a, b) => a - b)
      .reduce<[number, number][]>((ranges, block) => {
        const last = ranges.at(-1);
        if (last !== undefined && last[1] === block) last[1] += 1;
        else ranges.push([block, block + 1]);
        return ranges;
      }, []);
  }

  #complete(root: string): void {
    const total = this.#entries.reduce((sum, { size = 0 }) => sum + size, 0);
    const blocks = Array.from({ length: Math.ceil(total / blockBytes) }, (_, at) => this.#blocks.get(at)!);
    if (hashOfAll(blocks.map(sha256)) !== root) throw new Error('not what was sent');
    this.#send({ type: 'delivered', transfer: this.#transfer, root, faults: [], faultCount: 0 });
    this.#resolve(Buffer.concat(blocks));
  }
}

export class Sending {
  readonly secret = randomBytes(32).toString('hex');
  readonly transfer = randomBytes(16).toString('hex');
  readonly delivered: Promise<void>;
  isOver = false;
  readonly #name: string;
  readonly #bytes: Buffer;
  readonly #send: Send;
  readonly #sendFrame: (frame: Buffer) => void;
  readonly #hashes: Buffer[];
  readonly #stored = new Set<number>();
  readonly #inFlight = new Set<number>();
  #held: Range[] = [];
  #tag = newTag();
  #credit = 0;
  #next = 0;
  #resolve!: () => void;

  constructor(
    name: string,
    bytes: Buffer,
    ports: { readonly send: Send; readonly sendFrame: (frame: Buffer) => void },
  ) {
    this.#name = name;
    this.#bytes = bytes;
    this.#send = ports.send;
    this.#sendFrame = ports.sendFrame;
    this.#hashes = Array.from({ length: Math.ceil(bytes.length / blockBytes) }, (_, at) => sha256(this.#block(at)));
    this.delivered = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  offer(): void {
    const { transfer, secret } = this;
    const totals = { files: 1, folders: 0, bytes: this.#bytes.length };
    this.#send({ type: 'offer', transfer, tag: this.#tag, secret, title: this.#name, totals, skipped: 0 });
    const entry = {
      kind: 'file',
      path: [this.#name],
      size: this.#bytes.length,
      mtimeMs: 1_700_000_000_000,
      executable: false,
    };
    this.#send({ type: 'manifest', transfer, part: 0, last: true, entries: [entry] });
  }

  /** The link goes on over another control channel. */
  controlChanged(): void {
    this.#tag = newTag();
    this.#credit = 0;
    this.#inFlight.clear();
    this.#held = [];
    this.#send({ type: 'continue', transfer: this.transfer, tag: this.#tag });
  }

  onMessage(message: Message): void {
    switch (message.type) {
      case 'held':
        this.#held.push(...(message.ranges as Range[]));
        return;
      case 'accept':
        if (message.tag !== this.#tag) return;
        this.#store(this.#held);
        this.#credit = Number(message.credit);
        this.#next = 0;
        this.#pump();
        return;
      case 'stored':
        this.#store(message.ranges as Range[]);
        this.#credit = Number(message.credit);
        this.#pump();
        return;
      case 'nack':
        this.#inFlight.delete(Number(message.block));
        this.#sendBlock(Number(message.block));
        return;
      case 'delivered':
        this.#send({ type: 'closed', transfer: this.transfer });
        this.isOver = true;
        this.#resolve();
    }
  }

  #store(ranges: readonly Range[]): void {
    for (const [from, to] of ranges) {
      for (let block = from; block < to; block += 1) {
        this.#stored.add(block);
        this.#inFlight.delete(block);
      }
    }
  }

  #pump(): void {
    while (this.#next < this.#hashes.length && this.#inFlight.size < Math.min(this.#credit, credit)) {
      const block = this.#next++;
      if (!this.#stored.has(block)) this.#sendBlock(block);
    }
    if (this.#stored.size < this.#hashes.length) return;
    this.#send({ type: 'complete', transfer: this.transfer, tag: this.#tag, root: hashOfAll(this.#hashes) });
  }

  #sendBlock(block: number): void {
    this.#inFlight.add(block);
    const bytes = this.#block(block);
    for (let offset = 0; offset < bytes.length; offset += payloadMaxBytes) {
      const payload = bytes.subarray(offset, offset + payloadMaxBytes);
      const isLast = offset + payload.length === bytes.length;
      const head = Buffer.alloc(16);
      head[0] = 16 | (isLast ? 1 : 0);
      head.writeUInt32BE(this.#tag, 4);
      head.writeUInt32BE(block, 8);
      head.writeUInt32BE(offset, 12);
      this.#sendFrame(Buffer.concat([head, payload, isLast ? this.#hashes[block]! : Buffer.alloc(0)]));
    }
  }

  #block(at: number): Buffer {
    return this.#bytes.subarray(at * blockBytes, (at + 1) * blockBytes);
  }
}
