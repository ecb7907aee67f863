// Whatever a peer says, in whatever order: the real engine answers, refuses or ends the link. It never throws, never
// publishes what was not proven, and never reads what nobody chose.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseManifestEntries } from '../../../shared/model/manifest-parse.ts';
import { parseControl } from '../../../shared/wire/control.ts';
import { decodeFrame, encodeFrame, frameEnd, framePayloadMinBytes, frameWithin } from '../../../shared/wire/frame.ts';
import { bulkMessageMaxBytes, controlMaxDepth } from '../../../shared/wire/limits.ts';
import { entries, hello, id, linkPeer, manifest, offer, sendTo, settle } from './scripted-peer.ts';

const u32 = fc.oneof(fc.constantFrom(0, 1, 7, 2 ** 32 - 1), fc.nat({ max: 2 ** 32 - 1 }));

describe('frames (F1–F7)', () => {
  it('of any bytes decode to what they are or to a refusal', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const frame = decodeFrame(bytes);
        if ('refused' in frame) return;
        expect(encodeFrame(frame, frame.payload, frame.hash)).toEqual(bytes);
      }),
      { numRuns: 10_000 },
    );
  }, 30_000);

  it('of ours come back as they were; cut or lengthened anywhere they never become others', () => {
    const wire = fc.tuple(u32, u32, u32, fc.uint8Array({ minLength: 1, maxLength: 64 }), fc.nat({ max: 127 }));
    fc.assert(
      fc.property(wire, ([tag, block, offset, payload, cut]) => {
        const bytes = encodeFrame({ tag, block, offset }, payload, new Uint8Array(32).fill(9));
        expect(decodeFrame(bytes)).toMatchObject({ tag, block, offset });
        const short = decodeFrame(bytes.subarray(0, cut));
        if (!('refused' in short)) expect(short.payload.byteLength).toBeLessThanOrEqual(payload.byteLength);
      }),
      { numRuns: 5_000 },
    );
    expect(decodeFrame(new Uint8Array(bulkMessageMaxBytes + 1))).toHaveProperty('refused');
  }, 30_000);
});

describe('a block of any length in messages of any size', () => {
  it('is cut into frames that come together to exactly it, within the bounds and copied at the edges alone', () => {
    const sizes = fc.tuple(fc.integer({ min: 1, max: 60_000 }), fc.integer({ min: 4096, max: 30_000 }));
    fc.assert(
      fc.property(sizes, ([length, maxMessageBytes]) => {
        const content = Uint8Array.from({ length }, (_, at) => (at * 7) ^ (at >> 8));
        const bytes = content.slice();
        const hash = new Uint8Array(32).fill(9);
        const got = new Uint8Array(length);
        let copied = 0;
        for (let offset = 0; offset < length; ) {
          const end = frameEnd(offset, length, maxMessageBytes);
          const isLast = end === length;
          const message = frameWithin({ tag: 1, block: 2, offset }, bytes, { end, hash: isLast ? hash : undefined });
          expect(message.byteLength).toBeLessThanOrEqual(maxMessageBytes);
          if (message.buffer !== bytes.buffer) copied += end - offset;
          const frame = decodeFrame(message);
          if ('refused' in frame) throw new Error(frame.refused);
          expect(frame).toMatchObject({ tag: 1, block: 2, offset });
          expect(frame.hash !== undefined).toBe(isLast);
          got.set(frame.payload, offset);
          offset = end;
        }
        expect(got).toEqual(content);
        if (length + 48 > maxMessageBytes) expect(copied).toBeLessThanOrEqual(3 * framePayloadMinBytes);
      }),
      { numRuns: 500 },
    );
  }, 30_000);
});

describe('control (C2, C6)', () => {
  it('of any text is a message, ignored, or refused', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.json(),
      fc.json().map((json) => `{"type":${json}}`),
    );
    fc.assert(
      fc.property(text, (said) => {
        expect(['message', 'ignored', 'refused']).toContain(parseControl(said).is);
      }),
      { numRuns: 10_000 },
    );
  }, 30_000);

  it.each([
    ['C6 one level too deep', `${'['.repeat(controlMaxDepth + 1)}${']'.repeat(controlMaxDepth + 1)}`],
    ['C6 deeper than any stack', '{"a":'.repeat(100_000)],
    ['A7 the prototype', '{"type":"bye","__proto__":null}'],
    ['A7 the constructor', '{"type":"bye","constructor":{}}'],
    ['A7 a method of every object', '{"type":"bye","toString":1}'],
    ['C6 minus nothing', '{"type":"ping","n":-0}'],
    ['C6 a number that is none', '{"type":"ping","n":NaN}'],
    ['C6 nothing', ''],
  ])('is refused: %s', (_what, text) => {
    expect(parseControl(text).is).toBe('refused');
  });

  it('C6 of a key said twice counts the last one, for everybody who reads it here', () => {
    expect(parseControl('{"type":"ping","n":1,"n":2}')).toEqual({ is: 'message', message: { type: 'ping', n: 2 } });
  });
});

describe('manifests (A1–A9)', () => {
  const odd = fc.oneof(
    fc.anything({ maxDepth: 2 }),
    fc.constantFrom('file', 'folder', -1, 2 ** 53, ['..'], [''], true),
  );
  const entry = fc.oneof(
    odd,
    fc.record({ kind: odd, path: odd, size: odd, mtimeMs: odd, executable: odd }, { requiredKeys: [] }),
    fc.record({
      ...Object.fromEntries(
        Object.entries(entries[0]!).map(([key, value]) => [key, fc.oneof(fc.constant(value), odd)]),
      ),
    }),
  );

  it('of anything are entries of ours or a fault', () => {
    let taken = 0;
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 3 }), (part) => {
        try {
          for (const parsed of parseManifestEntries(part, 0)) {
            expect(parsed.path.every((name) => typeof name === 'string' && name.isWellFormed())).toBe(true);
            if (parsed.kind === 'file') expect(Number.isSafeInteger(parsed.size) && parsed.size >= 0).toBe(true);
            taken += 1;
          }
        } catch (error) {
          expect(error).toMatchObject({ name: 'Fault' });
        }
      }),
      { numRuns: 5_000 },
    );
    expect(taken).toBeGreaterThan(3);
  }, 30_000);
});

describe('a whole conversation (F, C, S)', () => {
  const ranges = fc.array(fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 3 })), { maxLength: 3 });
  const root = fc.constantFrom('0'.repeat(64), 'f'.repeat(64));
  const why = fc.constantFrom('person', 'disk', 'source', 'folder', 'publish', 'cancel');
  const transfer = fc.constantFrom(id, 'cd'.repeat(16));
  const tag = fc.constantFrom(7, 8);
  const message = fc.oneof(
    fc.constantFrom<unknown>(offer, manifest, hello, { type: 'bye' }, { type: 'text', part: 0, last: true, text: 'x' }),
    fc.record({ type: fc.constantFrom('choose', 'held'), transfer, ranges }),
    fc.record({ type: fc.constant('accept'), transfer, tag, all: fc.boolean(), credit: fc.nat({ max: 30 }) }),
    fc.record({ type: fc.constant('stored'), transfer, tag, ranges, credit: fc.nat({ max: 30 }) }),
    fc.record({
      type: fc.constant('nack'),
      transfer,
      tag,
      block: fc.nat({ max: 2 }),
      why: fc.constantFrom('damaged', 'unwritten'),
    }),
    fc.record({ type: fc.constantFrom('pause', 'resume'), transfer, why }),
    fc.record({ type: fc.constantFrom('cancel', 'again', 'decline', 'closed'), transfer }),
    fc.record({ type: fc.constant('continue'), transfer, tag }),
    fc.record({ type: fc.constant('complete'), transfer, tag, root }),
    fc.record({ type: fc.constant('delivered'), transfer, root, faults: fc.constant([]), faultCount: fc.constant(0) }),
    fc.record({
      type: fc.constant('file-faults'),
      transfer,
      faults: fc.array(fc.record({ index: fc.nat({ max: 2 }), code: fc.constant('source-missing') }), { maxLength: 3 }),
    }),
    fc.record({ type: fc.constant('digest-request'), transfer, indexes: fc.constant([0]) }),
  );
  const frame = fc
    .record({
      tag,
      block: fc.nat({ max: 1 }),
      offset: fc.constantFrom(0, 1500),
      size: fc.constantFrom(1500, 3000),
      last: fc.boolean(),
    })
    .map(({ size, last, ...at }) => encodeFrame(at, new Uint8Array(size), last ? new Uint8Array(32) : undefined));

  it('in any order leaves nothing published that was not proven, and no error behind', async () => {
    const escaped: unknown[] = [];
    const note = (error: unknown) => escaped.push(error);
    process.on('unhandledRejection', note);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof({ weight: 3, arbitrary: message }, frame), { maxLength: 20 }),
        async (said) => {
          const peer = linkPeer(true);
          peer.side.disk.files = [{ path: ['mine'], bytes: new Uint8Array(2000) }];
          sendTo(peer, hello, offer, manifest);
          await settle(3);
          for (const one of said) {
            if (one instanceof Uint8Array) peer.lane.post(Uint8Array.from(one), 0);
            else sendTo(peer, one);
          }
          await settle(12);
          expect(peer.side.disk.published.size).toBe(0);
          expect(peer.side.disk.reads).toBe(0);
          expect(peer.side.of('violation').length).toBeLessThanOrEqual(1);
          peer.side.engine.close();
          await settle(2);
        },
      ),
      { numRuns: 400 },
    );
    process.off('unhandledRejection', note);
    expect(escaped).toEqual([]);
  }, 30_000);
});
