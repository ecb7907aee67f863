// A frame on a bulk channel, big-endian:
//   0     version in the high nibble, flags in the low one (1 = last frame of its block)
//   1..3  reserved, zero
//   4..7  tag of the transfer    8..11 block    12..15 offset of the payload in the block
//   16..  payload; the last frame of a block ends with the block's SHA-256 (32 bytes)
// Decoding answers with a refusal, never throws, and never copies.

import { hashBytes } from '../model/bytes.ts';
import { bulkMessageMaxBytes, laneMessageBytes } from './limits.ts';

export const frameHeaderBytes = 16;
/** A frame that is not its block's last carries at least this much, so that tiny frames cannot eat the machine. */
export const framePayloadMinBytes = 1024;
const version = 1;
const lastFlag = 1;

type FramePlace = { readonly tag: number; readonly block: number; readonly offset: number };

export type Frame = FramePlace & {
  readonly payload: Uint8Array<ArrayBuffer>;
  /** Present on the last frame only. */
  readonly hash: Uint8Array<ArrayBuffer> | undefined;
};

export function decodeFrame(message: Uint8Array<ArrayBuffer>): Frame | { readonly refused: string } {
  if (message.byteLength > bulkMessageMaxBytes) return { refused: 'frame too large' };
  if (message.byteLength < frameHeaderBytes) return { refused: 'frame too short' };
  const view = new DataView(message.buffer, message.byteOffset, frameHeaderBytes);
  const head = view.getUint32(0);
  if (head !== headWord(true) && head !== headWord(false)) return { refused: 'unknown frame' };
  const isLast = head === headWord(true);
  const end = message.byteLength - (isLast ? hashBytes : 0);
  const payloadBytes = end - frameHeaderBytes;
  if (payloadBytes < 1 || (!isLast && payloadBytes < framePayloadMinBytes)) return { refused: 'undersized frame' };
  return {
    tag: view.getUint32(4),
    block: view.getUint32(8),
    offset: view.getUint32(12),
    payload: message.subarray(frameHeaderBytes, end),
    hash: isLast ? message.subarray(end) : undefined,
  };
}

/**
 * Where the frame that begins at `offset` ends. A block of several frames begins with a small one and ends with a small one,
 * so that all between are made in place: see `frameWithin`.
 */
export function frameEnd(offset: number, blockLength: number, maxMessageBytes: number): number {
  const room = Math.min(maxMessageBytes, laneMessageBytes) - frameHeaderBytes;
  const left = blockLength - offset;
  if (offset === 0) return left + hashBytes <= room ? blockLength : framePayloadMinBytes;
  if (left > room) return offset + room;
  return left <= 2 * framePayloadMinBytes ? blockLength : blockLength - framePayloadMinBytes;
}

/**
 * The frame of `bytes` from `offset` to `end`. Where it can be it is a view of them: its head is written over payload that
 * came before it, which must have been sent. `hash` belongs to the last frame.
 */
export function frameWithin(
  at: FramePlace,
  bytes: Uint8Array<ArrayBuffer>,
  { end, hash }: { readonly end: number; readonly hash: Uint8Array | undefined },
): Uint8Array<ArrayBuffer> {
  const { offset } = at;
  if (offset < frameHeaderBytes || hash !== undefined) return encodeFrame(at, bytes.subarray(offset, end), hash);
  const message = bytes.subarray(offset - frameHeaderBytes, end);
  writeHeader(message, at, false);
  return message;
}

export function encodeFrame(
  at: FramePlace,
  payload: Uint8Array,
  hash: Uint8Array | undefined,
): Uint8Array<ArrayBuffer> {
  const message = new Uint8Array(frameHeaderBytes + payload.byteLength + (hash === undefined ? 0 : hashBytes));
  writeHeader(message, at, hash !== undefined);
  message.set(payload, frameHeaderBytes);
  if (hash !== undefined) message.set(hash, frameHeaderBytes + payload.byteLength);
  return message;
}

function writeHeader(message: Uint8Array<ArrayBuffer>, at: FramePlace, isLast: boolean): void {
  const view = new DataView(message.buffer, message.byteOffset, frameHeaderBytes);
  view.setUint32(0, headWord(isLast));
  view.setUint32(4, at.tag);
  view.setUint32(8, at.block);
  view.setUint32(12, at.offset);
}

function headWord(isLast: boolean): number {
  return ((version << 4) | (isLast ? lastFlag : 0)) * 0x1000000;
}
