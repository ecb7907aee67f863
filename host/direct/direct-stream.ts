// Blocks over one connection between two hosts, both ways. A block that arrived is handed on; reading waits while too many are
// being proven and written, so that memory stays flat whatever the other side sends.

import type { Duplex } from 'node:stream';
import { decodeDirectHead, directHeadBytes, encodeBlockHead, encodeLaneHead } from '../../shared/wire/direct-frame.ts';
import { directPiecesMax, directWritesAtOnce } from '../../shared/wire/limits.ts';
import { releaseBytes } from '../release-bytes.ts';

export type DirectBlock = {
  readonly attempt: number;
  readonly block: number;
  readonly hash: Uint8Array<ArrayBuffer>;
  /** End to end they are the block. Large pieces as they were read, or all of it as one. */
  readonly parts: readonly Uint8Array<ArrayBuffer>[];
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
  /** Tells the other side that this connection is the lane, or agrees to it. */
  choose(): void;
  /**
   * Resolves when the block has left for the system, with false once the connection is closed. The bytes are given back then:
   * whoever calls this owns them alone.
   */
  send(at: { readonly attempt: number; readonly block: number }, bytes: Uint8Array, hash: Uint8Array): Promise<boolean>;
  close(): void;
}

type Reading =
  | { readonly at: 'head'; readonly head: Uint8Array<ArrayBuffer>; filled: number }
  | {
      readonly at: 'payload';
      readonly arriving: Omit<DirectBlock, 'parts'>;
      readonly length: number;
      parts: Uint8Array<ArrayBuffer>[];
      /** All of the block, once it came in many small pieces. */
      whole: Uint8Array<ArrayBuffer> | undefined;
      left: number;
    };

export function openDirectStream(socket: Duplex, events: DirectStreamEvents): DirectStream {
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
      const arriving = { attempt, block, hash };
      reading = { at: 'payload', arriving, length, parts: [], whole: undefined, left: length };
    }
    return taken;
  }

  function readPayload(payload: Extract<Reading, { at: 'payload' }>, chunk: Buffer, at: number): number {
    const taken = Math.min(payload.left, chunk.byteLength - at);
    const piece = chunk.subarray(at, at + taken) as Uint8Array<ArrayBuffer>;
    if (payload.whole !== undefined) payload.whole.set(piece, payload.length - payload.left);
    else payload.parts.push(piece);
    payload.left -= taken;
    if (payload.parts.length === directPiecesMax) joinPieces(payload);
    if (payload.left === 0) {
      reading = newHead();
      handOn({ ...payload.arriving, parts: payload.whole === undefined ? payload.parts : [payload.whole] });
    }
    return taken;
  }

  function joinPieces(payload: Extract<Reading, { at: 'payload' }>): void {
    const whole = new Uint8Array(payload.length);
    let at = 0;
    for (const part of payload.parts) {
      whole.set(part, at);
      at += part.byteLength;
    }
    payload.whole = whole;
    payload.parts = [];
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
    bytes: Uint8Array,
    hash: Uint8Array,
  ): Promise<boolean> {
    if (isClosed) return false;
    socket.write(encodeBlockHead({ attempt, block, length: bytes.byteLength }, hash));
    if (!(await hasLeft(bytes))) return false;
    releaseBytes(bytes);
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
