import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeDirectHead,
  directHeadBytes,
  encodeBlockHead,
  encodeLaneHead,
} from '../../../shared/wire/direct-frame.ts';
import { blockBytes } from '../../../shared/wire/limits.ts';

const u32 = fc.integer({ min: 0, max: 0xffff_ffff });

describe('a head of a direct frame', () => {
  it('comes back as it was written', () => {
    fc.assert(
      fc.property(
        fc.record({ attempt: u32, block: u32, length: fc.integer({ min: 1, max: blockBytes }) }),
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        (at, hash) => {
          expect(decodeDirectHead(encodeBlockHead(at, hash))).toEqual({
            is: 'block',
            ...at,
            hash: new Uint8Array(hash),
          });
        },
      ),
    );
    expect(decodeDirectHead(encodeLaneHead())).toEqual({ is: 'lane' });
  });

  it('is never thrown at, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2 * directHeadBytes }), (bytes) => {
        const head = decodeDirectHead(new Uint8Array(bytes));
        expect('refused' in head || head.is === 'lane' || head.length <= blockBytes).toBe(true);
      }),
    );
  });

  it.each([
    ['an unknown kind', 0, 3],
    ['a reserved byte', 1, 1],
    ['a length of zero', 12, 0],
    ['a length beyond a block', 13, 0x20],
  ])('is refused for %s', (_what, at, value) => {
    const head = encodeBlockHead({ attempt: 1, block: 1, length: 0x0000_0001 }, new Uint8Array(32));
    head[at] = value;
    if (at === 12) head.fill(0, 12, 16);
    expect(decodeDirectHead(head)).toHaveProperty('refused');
  });

  it('that makes a connection the lane holds nothing else', () => {
    const head = encodeLaneHead();
    head[40] = 1;
    expect(decodeDirectHead(head)).toHaveProperty('refused');
  });
});
