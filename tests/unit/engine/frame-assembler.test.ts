import { expect, it } from 'vitest';
import { FrameAssembler } from '../../../engine/receive/frame-assembler.ts';
import { encodeFrame } from '../../../shared/wire/frame.ts';
import { blockPartsMax } from '../../../shared/wire/limits.ts';

const tag = 7;
const crumbBytes = 1024;

it.each([1, blockPartsMax - 1, blockPartsMax, blockPartsMax + 1, 200])(
  'hands over a block that came in %i crumbs whole, in no more parts than the disk takes',
  (crumbs) => {
    const content = Uint8Array.from({ length: crumbs * crumbBytes }, (_, at) => (at * 7) ^ (at >> 8));
    let parts: readonly Uint8Array[] = [];
    const assembler = new FrameAssembler();
    assembler.expect(tag, {
      begin: () => content.length,
      done: (_block, came) => {
        parts = came;
      },
      dropped: () => undefined,
    });
    for (let offset = 0; offset < content.length; offset += crumbBytes) {
      const isLast = offset + crumbBytes === content.length;
      const payload = content.subarray(offset, offset + crumbBytes);
      const frame = encodeFrame({ tag, block: 0, offset }, payload, isLast ? new Uint8Array(32) : undefined);
      expect(assembler.take(1, frame)).toBeUndefined();
    }
    expect(parts.length).toBeLessThanOrEqual(blockPartsMax);
    expect(Buffer.concat(parts).equals(content)).toBe(true);
  },
);
