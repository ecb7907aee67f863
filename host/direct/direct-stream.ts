// Blocks over one connection between two hosts, both ways. A block that arrived is handed on; reading waits while too many are
// being proven and written, so that memory stays flat whatever the other side sends.

import type { Duplex } from 'node:stream';
import { decodeDirectHead, directHeadBytes, encodeBlockHead, encodeLaneHead } from '../../shared/wire/direct-frame.ts';
import { directPieceBytes, directWritesAtOnce } from '../../shared/wire/limits.ts';
import type { BlockMemory } from '../block-memory.ts';
import { releaseBytes } from '../release-bytes.ts';

export type DirectBlock = {
  readonly attempt: number;
  readonly block: number;
  readonly hash: Uint8Array<ArrayBuffer>;
  /** Whoever stored them gives them back to the memory of blocks. */
  readonly bytes: Uint8Array<ArrayBuffer>;
};

export type DirectStreamEvents = {
  /** The other side says that this connection is the lane: first the one that decides, then the other in answer. */
  readonly chosen: () => void;
  /** Resolves once the block is stored or refused. */
  readonly block: (arrived: DirectBlock) => Promise<void>;
  /** Ended by either side, or broken; `refused` when the other side broke the rules. */
  readonly closed: (refused: string | undefined) => void;
};

export interface DirectStream {
  /** A part of a block has come, and the rest is on its way. */
  readonly isInBlock: boolean;
  /** Tells the other side that this connection is the lane, or agrees to it. */
  choose(): void;
  /**
   * Resolves when the block has left for the system, with false once the connection is closed. The bytes are given back then:
   * whoever calls this owns them alone.
   */
  send(
    at: { readonly attempt: number; readonly block: number },
    bytes: Uint8Array<ArrayBuffer>,
    hash: Uint8Array,
  ): Promise<boolean>;
  close(): void;
}

type Reading =
  | { readonly at: 'head'; readonly head: Uint8Array<ArrayBuffer>; filled: number }
  | {
      readonly at: 'payload';
      readonly arriving: Omit<DirectBlock, 'bytes'>;
      readonly bytes: Uint8Array<ArrayBuffer>;
      filled: number;
    };

/** Only the last block of a transfer is as small. */
const smallMaxBytes = 64 * 1024;

export function openDirectStream(socket: Duplex, memory: BlockMemory, events: DirectStreamEvents): DirectStream {
  let reading: Reading = newHead();
  let writesUnderWay = 0;
  let refused: string | undefined;
  let isClosed = false;
  /** Blocks leave one by one: what waits together in a TLS socket is copied into one piece before it is encrypted. */
  let lastSend: Promise<unknown> = Promise.resolve();

  socket.on('data', (chunk: Buffer) => {
    for (let at = 0; at < chunk.byteLength && refused === undefined && !isClosed; ) {
      at += reading.at === 'head' ? readHead(reading, chunk, at) : readPayload(reading, chunk, at);
    }
    // All that counts of it is copied. Left to the collector, these pieces keep it busy all the time.
    releaseBytes(chunk);
  });
  socket.on('error', () => socket.destroy());
  // The other side ended it: what was read is handed on already, and nothing is half-open.
  socket.on('end', () => socket.destroy());
  socket.on('close', () => {
    isClosed = true;
    events.closed(refused);
  });

  function readHead(head: Extract<Reading, { at: 'head' }>, chunk: Buffer, at: number): number {
    const taken = Math.min(directHeadBytes - head.filled, chunk.byteLength - at);
    head.head.set(chunk.subarray(at, at + taken), head.filled);
    head.filled += taken;
    if (head.filled < directHeadBytes) return taken;
    const decoded = decodeDirectHead(head.head);
    if ('refused' in decoded) {
      refuse(decoded.refused);
    } else if (decoded.is === 'lane') {
      reading = newHead();
      events.chosen();
    } else {
      const { attempt, block, hash, length } = decoded;
      // A small one costs what it holds: a great many of them may come in one read.
      const bytes = length < smallMaxBytes ? new Uint8Array(length) : memory.take(length);
      reading = { at: 'payload', arriving: { attempt, block, hash }, bytes, filled: 0 };
    }
    return taken;
  }

  function readPayload(payload: Extract<Reading, { at: 'payload' }>, chunk: Buffer, at: number): number {
    const { bytes, filled } = payload;
    const taken = Math.min(bytes.byteLength - filled, chunk.byteLength - at);
    chunk.copy(bytes, filled, at, at + taken);
    payload.filled += taken;
    if (payload.filled === bytes.byteLength) {
      reading = newHead();
      handOn({ ...payload.arriving, bytes });
    }
    return taken;
  }

  function handOn(arrived: DirectBlock): void {
    writesUnderWay += 1;
    if (writesUnderWay >= directWritesAtOnce) socket.pause();
    const done = () => {
      writesUnderWay -= 1;
      if (writesUnderWay < directWritesAtOnce && !isClosed) socket.resume();
    };
    events.block(arrived).then(done, done);
  }

  function refuse(why: string): void {
    refused = why;
    socket.destroy();
  }

  return {
    get isInBlock() {
      return reading.at === 'payload' || reading.filled > 0;
    },
    choose: () => void socket.write(encodeLaneHead()),
    async send(at, bytes, hash) {
      const sending = lastSend.then(() => sendNow(at, bytes, hash));
      lastSend = sending;
      return sending;
    },
    close: () => socket.destroy(),
  };

  async function sendNow(
    { attempt, block }: { readonly attempt: number; readonly block: number },
    bytes: Uint8Array<ArrayBuffer>,
    hash: Uint8Array,
  ): Promise<boolean> {
    if (isClosed) return false;
    const head = encodeBlockHead({ attempt, block, length: bytes.byteLength }, hash);
    const both = memory.withHead(head, bytes);
    if (both === undefined) socket.write(head);
    const all = both ?? bytes;
    for (let from = 0; from < all.byteLength; from += directPieceBytes) {
      if (!(await hasLeft(all.subarray(from, from + directPieceBytes)))) return false;
    }
    if (both === undefined) releaseBytes(bytes);
    else memory.giveBack(bytes);
    return !isClosed;
  }

  /** False when the connection ended before: then the system may still look at the bytes. */
  function hasLeft(bytes: Uint8Array): Promise<boolean> {
    return new Promise((resolve) => {
      const onClose = () => resolve(false);
      socket.once('close', onClose);
      socket.write(bytes, (error) => {
        socket.off('close', onClose);
        resolve(error === undefined || error === null);
      });
    });
  }
}

function newHead(): Reading {
  return { at: 'head', head: new Uint8Array(directHeadBytes), filled: 0 };
}
