// Blocks over one connection between two hosts, both ways. A block that arrived is handed on; reading waits while too many are
// being proven and written, so that memory stays flat whatever the other side sends.

import type { Duplex } from 'node:stream';
import { encodeBlockHead, encodeLaneHead } from '../../shared/wire/direct-frame.ts';
import { directPieceBytes, directWritesAtOnce } from '../../shared/wire/limits.ts';
import type { BlockMemory } from '../block-memory.ts';
import { releaseBytes } from '../release-bytes.ts';
import { type DirectBlock, openFrameReader } from './frame-reader.ts';
import { readInto } from './read-into.ts';

export type DirectStreamEvents = {
  /** The other side says that this connection is the lane: first the one that decides, then the other in answer. */
  readonly chosen: () => void;
  /** Resolves once the block is stored or refused. */
  readonly block: (arrived: DirectBlock) => Promise<void>;
  /** Ended by either side, or broken; `refused` when the other side broke the rules. */
  readonly closed: (refused: string | undefined) => void;
};

export interface DirectStream {
  readonly isClosed: boolean;
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

export function openDirectStream(socket: Duplex, memory: BlockMemory, events: DirectStreamEvents): DirectStream {
  let writesUnderWay = 0;
  let refused: string | undefined;
  let isClosed = false;
  /** Blocks leave one by one: what waits together in a TLS socket is copied into one piece before it is encrypted. */
  let lastSend: Promise<unknown> = Promise.resolve();

  const reader = openFrameReader(memory, { lane: events.chosen, block: handOn, refused: refuse });
  socket.on('error', () => socket.destroy());
  // The other side ended it: what was read is handed on already, and nothing is half-open.
  socket.on('end', () => socket.destroy());
  socket.on('close', () => {
    isClosed = true;
    reader.end();
    events.closed(refused);
  });
  readInto(socket, reader);

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
    get isClosed() {
      return isClosed;
    },
    get isInBlock() {
      return reader.isInBlock;
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
    if (!(await haveLeft(both ?? bytes))) return false;
    if (both === undefined) releaseBytes(bytes);
    else memory.giveBack(bytes);
    return !isClosed;
  }

  /**
   * In pieces, one after the other. False when the connection ended before: then the system may still look at the bytes. Of eight thousand
   * pieces in a GiB each would cost a promise and a listener of its own.
   */
  function haveLeft(bytes: Uint8Array): Promise<boolean> {
    return new Promise((resolve) => {
      let from = 0;
      const end = (isSent: boolean) => {
        socket.off('close', onClose);
        resolve(isSent);
      };
      const onClose = () => end(false);
      const writeNext = (error?: Error | null) => {
        if (error !== undefined && error !== null) return end(false);
        if (from === bytes.byteLength) return end(true);
        const piece = bytes.subarray(from, from + directPieceBytes);
        from += piece.byteLength;
        socket.write(piece, writeNext);
      };
      socket.once('close', onClose);
      writeNext();
    });
  }
}
