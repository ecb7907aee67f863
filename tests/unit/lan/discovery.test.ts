// Requests and their answers as bytes: what opens them, what they show to others, and what strangers can do with them.

import { hkdfSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  nextPairSecret,
  openAnswer,
  openRequest,
  otherSide,
  pairSecret,
  readRequest,
  requestBytes,
  requestNames,
  writeAnswer,
  writeRequest,
} from '../../../shared/lan/discovery.ts';
import { requestAddressesMax, requestCodeMaxBytes, requestWindowMs } from '../../../shared/wire/limits.ts';

const shares = { inviter: new Uint8Array(32).fill(1), replier: new Uint8Array(32).fill(2) };
const binding = new Uint8Array(32).fill(3);
const secret = await pairSecret(shares, binding);
const nowMs = 1_790_000_000_000;
const addresses = ['192.168.1.23', '10.0.0.5'];
const invite = Uint8Array.from({ length: 101 }, (_, at) => at);

async function request(from: 'inviter' | 'replier' = 'inviter', at = nowMs, code = invite) {
  return (await writeRequest(secret, from, { nowMs: at, invite: code, addresses }))!;
}

describe('a pair’s secret', () => {
  it('is one that another implementation finds too', () => {
    expect(Buffer.from(secret).toString('hex')).toBe(
      '29a73a271e38587e800fce8b88093773a10733428dc553a930af4efa00247f6d',
    );
  });

  it('needs both shares, in their places, and the link they met on', async () => {
    const swapped = await pairSecret({ inviter: shares.replier, replier: shares.inviter }, binding);
    const elsewhere = await pairSecret(shares, new Uint8Array(32).fill(4));
    expect(new Set([secret, swapped, elsewhere].map((each) => Buffer.from(each).toString('hex'))).size).toBe(3);
  });
});

describe('the next secret of a pair', () => {
  it('is made of the one before and of what only the two know, as another implementation makes it', async () => {
    const renewal = new Uint8Array(32).fill(5);
    const next = await nextPairSecret(secret, renewal);
    const made = hkdfSync('sha256', secret, renewal, 'tincan/pair/2', 32);
    expect(Buffer.from(next).equals(Buffer.from(made))).toBe(true);
    const others = [await nextPairSecret(secret, new Uint8Array(32).fill(6)), await nextPairSecret(binding, renewal)];
    expect(new Set([next, ...others].map((each) => Buffer.from(each).toString('hex'))).size).toBe(3);
  });
});

describe('a request', () => {
  it('brings the invite to the other side, and to nobody else', async () => {
    const sent = await request();
    const read = readRequest(sent.bytes)!;
    expect(await openRequest(secret, 'inviter', read)).toEqual({ invite, addresses });
    expect(await openRequest(new Uint8Array(32).fill(9), 'inviter', read)).toBeUndefined();
  });

  it('names no address where not all of them fit', async () => {
    const many = Array.from({ length: requestAddressesMax }, (_, at) => `10.0.0.${at}`);
    const room = new Uint8Array(requestCodeMaxBytes - (1 + 4 * requestAddressesMax));
    const open = async (code: Uint8Array) => {
      const sent = await writeRequest(secret, 'inviter', { nowMs, invite: code, addresses: many });
      return (await openRequest(secret, 'inviter', sent!))!.addresses;
    };
    expect(await open(room)).toEqual(many);
    expect(await open(Uint8Array.from([...room, 0]))).toEqual([]);
  });

  it('cannot be turned round: what one side said is nothing from the other', async () => {
    const sent = await request('inviter');
    expect(await openRequest(secret, otherSide('inviter'), sent)).toBeUndefined();
    expect(await requestNames(secret, 'replier', nowMs)).not.toContain(sent.name);
  });

  it('has a name that both sides know in this window and the ones beside it, and no longer', async () => {
    const { name } = await request();
    for (const apart of [-requestWindowMs, 0, requestWindowMs]) {
      expect(await requestNames(secret, 'inviter', nowMs + apart)).toContain(name);
    }
    expect(await requestNames(secret, 'inviter', nowMs + 2 * requestWindowMs)).not.toContain(name);
    expect(await requestNames(secret, 'inviter', nowMs - 2 * requestWindowMs)).not.toContain(name);
  });

  it('has one length, whatever it carries, and nothing of it twice but the name of the window', async () => {
    const sent = [await request(), await request(), await request('inviter', nowMs, invite.subarray(0, 70))];
    expect(new Set(sent.map(({ bytes }) => bytes.length))).toEqual(new Set([requestBytes]));
    expect(new Set(sent.map(({ bytes }) => Buffer.from(bytes.subarray(8, 24)).toString('hex'))).size).toBe(3);
    expect(new Set(sent.map(({ bytes }) => Buffer.from(bytes.subarray(24)).toString('hex'))).size).toBe(3);
    expect(
      await writeRequest(secret, 'inviter', { nowMs, invite: new Uint8Array(requestCodeMaxBytes + 1), addresses }),
    ).toBeUndefined();
  });

  it('holds no changed byte', async () => {
    const sent = await request();
    await fc.assert(
      fc.asyncProperty(fc.nat(requestBytes - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const bytes = Uint8Array.from(sent.bytes);
        bytes[at]! ^= flip;
        expect(await openRequest(secret, 'inviter', readRequest(bytes)!)).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });

  it('is nothing when it is a stranger’s bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2 * requestBytes }), async (bytes) => {
        const read = readRequest(bytes);
        expect(read === undefined).toBe(bytes.length !== requestBytes);
        if (read !== undefined) expect(await openRequest(secret, 'inviter', read)).toBeUndefined();
        expect(await openAnswer(secret, 'inviter', { nonce: new Uint8Array(16), bytes })).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });
});

describe('an answer', () => {
  it('belongs to one request, and looks like one', async () => {
    const { nonce } = await request();
    const reply = invite.toReversed();
    const bytes = (await writeAnswer(secret, 'replier', { nonce, reply }))!;
    expect(bytes.length).toBe(requestBytes);
    expect(await openAnswer(secret, 'replier', { nonce, bytes })).toEqual(reply);
    expect(await openAnswer(secret, 'replier', { nonce: (await request()).nonce, bytes })).toBeUndefined();
    expect(await openAnswer(secret, 'inviter', { nonce, bytes })).toBeUndefined();
  });

  it('is never a request sent back', async () => {
    const sent = await request();
    for (const side of ['inviter', 'replier'] as const) {
      expect(await openAnswer(secret, side, { nonce: sent.nonce, bytes: sent.bytes })).toBeUndefined();
    }
  });
});
