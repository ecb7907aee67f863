// One message as bytes, for a pipe that carries no structured clone. Layout: u32 head length (little endian), head,
// blobs laid end to end. The head is JSON `[blob lengths, value]`; a Uint8Array in the value is `{"$": its place}`, and
// a key that begins with `$` carries one more. Decoding strangers' bytes answers undefined, never throws.

import { bridgeMaxHeadBytes, bridgeMaxPayloadBytes } from '../wire/limits.ts';

const lengthBytes = 4;
/** Deeper nesting than any call or answer has; walking it would cost the stack. */
const maxDepth = 64;
/** No call carries more than two. */
const maxBlobs = 64;

export const packetMaxBytes: number = lengthBytes + bridgeMaxHeadBytes + bridgeMaxPayloadBytes;

/** JSON values and Uint8Arrays only. Throws on a message beyond the bounds: that is a mistake of ours. */
export function encodePacket(message: unknown): Uint8Array<ArrayBuffer> {
  const blobs: Uint8Array[] = [];
  const value = toPlain(message, blobs, 0);
  const head = new TextEncoder().encode(JSON.stringify([blobs.map((blob) => blob.byteLength), value]));
  const blobBytes = blobs.reduce((sum, blob) => sum + blob.byteLength, 0);
  if (head.byteLength > bridgeMaxHeadBytes || blobBytes > bridgeMaxPayloadBytes || blobs.length > maxBlobs) {
    throw new RangeError('message too large for the bridge');
  }
  const packet = new Uint8Array(lengthBytes + head.byteLength + blobBytes);
  new DataView(packet.buffer).setUint32(0, head.byteLength, true);
  packet.set(head, lengthBytes);
  let at = lengthBytes + head.byteLength;
  for (const blob of blobs) {
    packet.set(blob, at);
    at += blob.byteLength;
  }
  return packet;
}

export type Packet = { readonly message: unknown };

/** Blobs in the message are views of `bytes`, not copies. */
export function decodePacket(bytes: Uint8Array): Packet | undefined {
  if (bytes.byteLength < lengthBytes || bytes.byteLength > packetMaxBytes) return undefined;
  const headBytes = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
  const blobsAt = lengthBytes + headBytes;
  if (headBytes > bridgeMaxHeadBytes || blobsAt > bytes.byteLength) return undefined;
  const head = parseJson(bytes.subarray(lengthBytes, blobsAt));
  if (!Array.isArray(head) || head.length !== 2) return undefined;
  const blobs = sliceBlobs(bytes, blobsAt, head[0]);
  if (blobs === undefined) return undefined;
  const message = fromPlain(head[1], blobs, 0);
  return message === refused ? undefined : { message };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

/** The lengths must account for every byte that follows the head. */
function sliceBlobs(bytes: Uint8Array, from: number, lengths: unknown): Uint8Array[] | undefined {
  if (!Array.isArray(lengths) || lengths.length > maxBlobs) return undefined;
  const blobs: Uint8Array[] = [];
  let at = from;
  for (const length of lengths as readonly unknown[]) {
    if (!Number.isInteger(length) || (length as number) < 0 || (length as number) > bytes.byteLength - at) {
      return undefined;
    }
    blobs.push(bytes.subarray(at, at + (length as number)));
    at += length as number;
  }
  return at === bytes.byteLength ? blobs : undefined;
}

function toPlain(value: unknown, blobs: Uint8Array[], depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > maxDepth) throw new RangeError('message too deep for the bridge');
  if (value instanceof Uint8Array) return { $: blobs.push(value) - 1 };
  if (Array.isArray(value)) return value.map((item) => toPlain(item, blobs, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key.startsWith('$') ? `$${key}` : key,
      toPlain(item, blobs, depth + 1),
    ]),
  );
}

const refused = Symbol('refused');

function fromPlain(value: unknown, blobs: readonly Uint8Array[], depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > maxDepth) return refused;
  if (Array.isArray(value)) {
    const items = value.map((item) => fromPlain(item, blobs, depth + 1));
    return items.includes(refused) ? refused : items;
  }
  if (Object.hasOwn(value, '$')) {
    const place = (value as { readonly $: unknown }).$;
    return typeof place === 'number' ? (blobs[place] ?? refused) : refused;
  }
  const entries: [string, unknown][] = [];
  for (const [key, plain] of Object.entries(value)) {
    const item = fromPlain(plain, blobs, depth + 1);
    if (item === refused) return refused;
    entries.push([key.startsWith('$') ? key.slice(1) : key, item]);
  }
  // Own properties, whatever their names: a key called __proto__ stays a key.
  return Object.fromEntries(entries);
}
