import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodePacket, openPacketReader, type Piece } from '../../../shared/ipc/packet.ts';
import { bridgeMaxHeadChars, bridgeMaxPayloadBytes } from '../../../shared/wire/limits.ts';

const blob = fc.uint8Array({ maxLength: 40 });
const { message } = fc.letrec((tie) => ({
  message: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.string(),
    blob,
    fc.array(tie('message'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('$', '$$', '$x', '__proto__')), tie('message'), { maxKeys: 4 }),
  ),
}));

/** The message that these pieces make; undefined when they are refused or not all there. */
function read(pieces: readonly Piece[]): { readonly message: unknown } | undefined {
  const reader = openPacketReader();
  for (const [at, piece] of pieces.entries()) {
    const packet = reader.take(piece);
    if (packet === 'refused') return undefined;
    if (packet !== 'more') return at === pieces.length - 1 ? packet : undefined;
  }
  return undefined;
}

const piece = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.json(), fc.string(), fc.constant('[[2,1],{"$":0}]'));

describe('a packet', () => {
  it('carries JSON values and bytes unchanged, whatever the keys are called', () => {
    fc.assert(
      fc.property(message, (value) => {
        expect(read(encodePacket(value))?.message).toEqual(structuredCloneOwn(value));
      }),
    );
  });

  it('has the pieces that are written down', () => {
    expect(encodePacket({ a: Uint8Array.of(7, 8) })).toEqual(['[[2],{"a":{"$":0}}]', Uint8Array.of(7, 8)]);
  });

  it('takes a Buffer for the bytes it is, and copies nothing', () => {
    const bytes = Buffer.from([1, 2]);
    expect(read(encodePacket(bytes))?.message).toBe(bytes);
  });

  it('comes after another on the same pipe', () => {
    const reader = openPacketReader();
    const pieces = [
      ...encodePacket({ a: Uint8Array.of(1) }),
      ...encodePacket('b'),
      ...encodePacket([Uint8Array.of(2)]),
    ];
    const packets = pieces.map((each) => reader.take(each)).filter((packet) => typeof packet !== 'string');
    expect(packets.map((packet) => packet.message)).toEqual([{ a: Uint8Array.of(1) }, 'b', [Uint8Array.of(2)]]);
  });

  it('never throws on pieces from strangers', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
        const reader = openPacketReader();
        for (const each of pieces) reader.take(each);
      }),
    );
  });

  it('is refused when a piece is missing, cut, longer, or more than was said', () => {
    const [head, ...blobs] = encodePacket({ bytes: Uint8Array.of(1, 2, 3), hash: Uint8Array.of(4) }) as [
      string,
      ...Piece[],
    ];
    for (let end = 0; end < head.length; end += 1) expect(read([head.slice(0, end), ...blobs])).toBeUndefined();
    expect(read([head])).toBeUndefined();
    expect(read([head, blobs[0]!])).toBeUndefined();
    expect(read([head, blobs[1]!])).toBeUndefined();
    expect(read([head, Uint8Array.of(1, 2), blobs[1]!])).toBeUndefined();
    expect(read([head, Uint8Array.of(1, 2, 3, 4), blobs[1]!])).toBeUndefined();
    expect(read(blobs)).toBeUndefined();
    expect(read([head, blobs[0]!, head])).toBeUndefined();
    const reader = openPacketReader();
    for (const each of [head, ...blobs]) reader.take(each);
    expect(reader.take(Uint8Array.of(0))).toBe('refused');
  });

  it.each([
    ['a place that has no blob', '[[],{"$":0}]'],
    ['a place that is no number', '[[],{"$":"length"}]'],
    ['a length below nothing', '[[-1],0]'],
    ['a length with a fraction', '[[0.5],0]'],
    ['lengths beyond every payload', `[[${bridgeMaxPayloadBytes},1],0]`],
    ['more blobs than any call has', `[[${Array(65).fill(0).join(',')}],0]`],
    ['a head that is no pair', '{}'],
    ['nesting beyond every message', `[[],${'['.repeat(5000)}${']'.repeat(5000)}]`],
    ['a head beyond the bounds', `[[],"${'x'.repeat(bridgeMaxHeadChars)}"]`],
  ])('refuses %s', (_what, head) => {
    expect(openPacketReader().take(head)).toBe('refused');
  });

  it('is not made beyond the bounds', () => {
    expect(() => encodePacket(new Uint8Array(bridgeMaxPayloadBytes + 1))).toThrow(RangeError);
    expect(() => encodePacket('x'.repeat(bridgeMaxHeadChars))).toThrow(RangeError);
    expect(read(encodePacket(new Uint8Array(bridgeMaxPayloadBytes)))).toBeDefined();
  });
});

/** Own copies with plain prototypes, as a packet makes them. */
function structuredCloneOwn(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(structuredCloneOwn);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, structuredCloneOwn(item)]));
}
