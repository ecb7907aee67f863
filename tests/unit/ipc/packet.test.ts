import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodePacket, encodePacket } from '../../../shared/ipc/packet.ts';
import { bridgeMaxHeadBytes, bridgeMaxPayloadBytes } from '../../../shared/wire/limits.ts';

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

/** A packet whose head is exactly this text. */
function packetOf(head: string, blobs: readonly number[] = []): Uint8Array {
  const text = new TextEncoder().encode(head);
  const bytes = new Uint8Array(4 + text.length + blobs.length);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 4);
  bytes.set(blobs, 4 + text.length);
  return bytes;
}

describe('a packet', () => {
  it('carries JSON values and bytes unchanged, whatever the keys are called', () => {
    fc.assert(
      fc.property(message, (value) => {
        expect(decodePacket(encodePacket(value))?.message).toEqual(structuredCloneOwn(value));
      }),
    );
  });

  it('has the layout that is written down', () => {
    expect(encodePacket({ a: Uint8Array.of(7, 8) })).toEqual(packetOf('[[2],{"a":{"$":0}}]', [7, 8]));
  });

  it('takes a Buffer for the bytes it is', () => {
    expect(decodePacket(encodePacket(Buffer.from([1, 2])))?.message).toEqual(Uint8Array.of(1, 2));
  });

  it('never throws on bytes from strangers', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void decodePacket(bytes)));
    fc.assert(fc.property(fc.json(), (head) => void decodePacket(packetOf(head))));
  });

  it('is refused when it was cut anywhere', () => {
    const bytes = encodePacket({ is: 'call', input: { bytes: Uint8Array.of(1, 2, 3), hash: Uint8Array.of(4) } });
    for (let end = 0; end < bytes.length; end += 1) expect(decodePacket(bytes.subarray(0, end))).toBeUndefined();
    expect(decodePacket(Uint8Array.of(...bytes, 0))).toBeUndefined();
  });

  it.each([
    ['a place that has no blob', '[[],{"$":0}]'],
    ['a place that is no number', '[[],{"$":"length"}]'],
    ['a length below nothing', '[[-1],0]'],
    ['a length with a fraction', '[[0.5],0]'],
    ['a head that is no pair', '{}'],
    ['nesting beyond every message', `[[],${'['.repeat(5000)}${']'.repeat(5000)}]`],
  ])('refuses %s', (_what, head) => {
    expect(decodePacket(packetOf(head))).toBeUndefined();
  });

  it('is not made beyond the bounds', () => {
    expect(() => encodePacket(new Uint8Array(bridgeMaxPayloadBytes + 1))).toThrow(RangeError);
    expect(() => encodePacket('x'.repeat(bridgeMaxHeadBytes))).toThrow(RangeError);
    expect(decodePacket(encodePacket(new Uint8Array(bridgeMaxPayloadBytes)))).toBeDefined();
  });
});

/** Own copies with plain prototypes, as a packet makes them. */
function structuredCloneOwn(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(structuredCloneOwn);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, structuredCloneOwn(item)]));
}
