// A frame on a direct lane, big-endian. The stream is TLS over TCP between the two hosts, so frames follow each other without gaps.
//   0      kind: 1 a block, 2 "this connection is the lane" (sent once, first, by the side that decides)
//   1..3   reserved, zero
//   4..7   attempt id of the transfer     8..11 block     12..15 length of the payload
//   16..47 SHA-256 of the payload
//   48..   payload
// A `lane` frame is 48 bytes with zeros after its kind. Decoding answers with a refusal, never throws.

import { blockBytes } from './limits.ts';

export const directHeadBytes = 48;
const blockKind = 1;
const laneKind = 2;

export type DirectHead =
  | { readonly is: 'lane' }
  | {
      readonly is: 'block';
      readonly attempt: number;
      readonly block: number;
      readonly length: number;
      readonly hash: Uint8Array<ArrayBuffer>;
    };

export function encodeLaneHead(): Uint8Array<ArrayBuffer> {
  const head = new Uint8Array(directHeadBytes);
  head[0] = laneKind;
  return head;
}

export function encodeBlockHead(
  { attempt, block, length }: { readonly attempt: number; readonly block: number; readonly length: number },
  hash: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const head = new Uint8Array(directHeadBytes);
  const view = new DataView(head.buffer);
  view.setUint32(0, blockKind * 0x1000000);
  view.setUint32(4, attempt);
  view.setUint32(8, block);
  view.setUint32(12, length);
  head.set(hash, 16);
  return head;
}

/** `bytes` are exactly one head. */
export function decodeDirectHead(bytes: Uint8Array<ArrayBuffer>): DirectHead | { readonly refused: string } {
  if (bytes.byteLength !== directHeadBytes) return { refused: 'not a head' };
  const view = new DataView(bytes.buffer, bytes.byteOffset, directHeadBytes);
  const kind = view.getUint32(0);
  if (kind === laneKind * 0x1000000) {
    return bytes.subarray(4).every((byte) => byte === 0) ? { is: 'lane' } : { refused: 'a lane frame with content' };
  }
  if (kind !== blockKind * 0x1000000) return { refused: 'unknown frame' };
  const length = view.getUint32(12);
  if (length < 1 || length > blockBytes) return { refused: 'a block of impossible length' };
  return {
    is: 'block',
    attempt: view.getUint32(4),
    block: view.getUint32(8),
    length,
    hash: bytes.slice(16, directHeadBytes),
  };
}
