// One message as pieces, for a pipe that carries no structured clone: a text, then its blobs, each as a piece of its own, so
// that a megabyte is never copied to stand beside its head. The text is JSON `[blob lengths, value]`; a Uint8Array in the
// value is `{"$": its place}`, and a key that begins with `$` carries one more. Strangers' pieces are refused, never thrown at.

import { bridgeMaxHeadChars, bridgeMaxPayloadBytes } from '../wire/limits.ts';

/** Deeper nesting than any call or answer has; walking it would cost the stack. */
const maxDepth = 64;
/** No call carries more than two. */
const maxBlobs = 64;
/** The most that UTF-8 makes of one UTF-16 unit. */
const utf8MaxBytes = 3;

export const pieceMaxBytes: number = Math.max(utf8MaxBytes * bridgeMaxHeadChars, bridgeMaxPayloadBytes);

export type Piece = string | Uint8Array<ArrayBuffer>;

/** JSON values and Uint8Arrays only. Throws on a message beyond the bounds: that is a mistake of ours. */
export function encodePacket(message: unknown): readonly Piece[] {
  const blobs: Uint8Array<ArrayBuffer>[] = [];
  const value = toPlain(message, blobs, 0);
  const head = JSON.stringify([blobs.map((blob) => blob.byteLength), value]);
  const blobBytes = blobs.reduce((sum, blob) => sum + blob.byteLength, 0);
  if (head.length > bridgeMaxHeadChars || blobBytes > bridgeMaxPayloadBytes || blobs.length > maxBlobs) {
    throw new RangeError('message too large for the bridge');
  }
  return [head, ...blobs];
}

/** Blobs in the message are the pieces themselves, not copies. */
export type Packet = { readonly message: unknown };

export interface PacketReader {
  /** Pieces in the order they were sent. Once one was refused, the pipe is of no more use. */
  take(piece: Piece): Packet | 'more' | 'refused';
}

export function openPacketReader(): PacketReader {
  let open:
    | { readonly value: unknown; readonly lengths: readonly number[]; blobs: Uint8Array<ArrayBuffer>[] }
    | undefined;

  function finish(): Packet | 'more' | 'refused' {
    if (open === undefined || open.blobs.length < open.lengths.length) return 'more';
    const { value, blobs } = open;
    open = undefined;
    const message = fromPlain(value, blobs, 0);
    return message === refused ? 'refused' : { message };
  }

  return {
    take(piece) {
      if (typeof piece !== 'string') {
        if (open?.lengths[open.blobs.length] !== piece.byteLength) return 'refused';
        open.blobs.push(piece);
        return finish();
      }
      const head = piece.length > bridgeMaxHeadChars ? undefined : parseJson(piece);
      if (open !== undefined || !Array.isArray(head) || head.length !== 2 || !areLengths(head[0])) return 'refused';
      open = { value: head[1], lengths: head[0], blobs: [] };
      return finish();
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function areLengths(lengths: unknown): lengths is readonly number[] {
  if (!Array.isArray(lengths) || lengths.length > maxBlobs) return false;
  let sum = 0;
  for (const length of lengths as readonly unknown[]) {
    if (!Number.isInteger(length) || (length as number) < 0) return false;
    sum += length as number;
  }
  return sum <= bridgeMaxPayloadBytes;
}

function toPlain(value: unknown, blobs: Uint8Array<ArrayBuffer>[], depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > maxDepth) throw new RangeError('message too deep for the bridge');
  if (value instanceof Uint8Array) return { $: blobs.push(value as Uint8Array<ArrayBuffer>) - 1 };
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
