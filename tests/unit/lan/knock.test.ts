// Knocks and their answers as bytes: what opens them, what they show to others, and what strangers can do with them.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  knockBytes,
  knockNames,
  openAnswer,
  openKnock,
  otherSide,
  pairSecret,
  readKnock,
  writeAnswer,
  writeKnock,
} from '../../../shared/lan/knock.ts';
import { knockAddressesMax, knockCodeMaxBytes, knockWindowMs } from '../../../shared/wire/limits.ts';

const shares = { inviter: new Uint8Array(32).fill(1), replier: new Uint8Array(32).fill(2) };
const binding = new Uint8Array(32).fill(3);
const secret = await pairSecret(shares, binding);
const nowMs = 1_790_000_000_000;
const addresses = ['192.168.1.23', '10.0.0.5'];
const invite = Uint8Array.from({ length: 101 }, (_, at) => at);

async function knock(from: 'inviter' | 'replier' = 'inviter', at = nowMs, code = invite) {
  return (await writeKnock(secret, from, { nowMs: at, invite: code, addresses }))!;
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

describe('a knock', () => {
  it('brings the invite to the other side, and to nobody else', async () => {
    const sent = await knock();
    const read = readKnock(sent.bytes)!;
    expect(await openKnock(secret, 'inviter', read)).toEqual({ invite, addresses });
    expect(await openKnock(new Uint8Array(32).fill(9), 'inviter', read)).toBeUndefined();
  });

  it('names no address where not all of them fit', async () => {
    const many = Array.from({ length: knockAddressesMax }, (_, at) => `10.0.0.${at}`);
    const room = new Uint8Array(knockCodeMaxBytes - (1 + 4 * knockAddressesMax));
    const open = async (code: Uint8Array) => {
      const sent = await writeKnock(secret, 'inviter', { nowMs, invite: code, addresses: many });
      return (await openKnock(secret, 'inviter', sent!))!.addresses;
    };
    expect(await open(room)).toEqual(many);
    expect(await open(Uint8Array.from([...room, 0]))).toEqual([]);
  });

  it('cannot be turned round: what one side said is nothing from the other', async () => {
    const sent = await knock('inviter');
    expect(await openKnock(secret, otherSide('inviter'), sent)).toBeUndefined();
    expect(await knockNames(secret, 'replier', nowMs)).not.toContain(sent.name);
  });

  it('has a name that both sides know in this window and the ones beside it, and no longer', async () => {
    const { name } = await knock();
    for (const apart of [-knockWindowMs, 0, knockWindowMs]) {
      expect(await knockNames(secret, 'inviter', nowMs + apart)).toContain(name);
    }
    expect(await knockNames(secret, 'inviter', nowMs + 2 * knockWindowMs)).not.toContain(name);
    expect(await knockNames(secret, 'inviter', nowMs - 2 * knockWindowMs)).not.toContain(name);
  });

  it('has one length, whatever it carries, and nothing of it twice but the name of the window', async () => {
    const sent = [await knock(), await knock(), await knock('inviter', nowMs, invite.subarray(0, 70))];
    expect(new Set(sent.map(({ bytes }) => bytes.length))).toEqual(new Set([knockBytes]));
    expect(new Set(sent.map(({ bytes }) => Buffer.from(bytes.subarray(8, 24)).toString('hex'))).size).toBe(3);
    expect(new Set(sent.map(({ bytes }) => Buffer.from(bytes.subarray(24)).toString('hex'))).size).toBe(3);
    expect(
      await writeKnock(secret, 'inviter', { nowMs, invite: new Uint8Array(knockCodeMaxBytes + 1), addresses }),
    ).toBeUndefined();
  });

  it('holds no changed byte', async () => {
    const sent = await knock();
    await fc.assert(
      fc.asyncProperty(fc.nat(knockBytes - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const bytes = Uint8Array.from(sent.bytes);
        bytes[at]! ^= flip;
        expect(await openKnock(secret, 'inviter', readKnock(bytes)!)).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });

  it('is nothing when it is a stranger’s bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2 * knockBytes }), async (bytes) => {
        const read = readKnock(bytes);
        expect(read === undefined).toBe(bytes.length !== knockBytes);
        if (read !== undefined) expect(await openKnock(secret, 'inviter', read)).toBeUndefined();
        expect(await openAnswer(secret, 'inviter', { nonce: new Uint8Array(16), bytes })).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });
});

describe('an answer', () => {
  it('belongs to one knock, and looks like one', async () => {
    const { nonce } = await knock();
    const reply = invite.toReversed();
    const bytes = (await writeAnswer(secret, 'replier', { nonce, reply }))!;
    expect(bytes.length).toBe(knockBytes);
    expect(await openAnswer(secret, 'replier', { nonce, bytes })).toEqual(reply);
    expect(await openAnswer(secret, 'replier', { nonce: (await knock()).nonce, bytes })).toBeUndefined();
    expect(await openAnswer(secret, 'inviter', { nonce, bytes })).toBeUndefined();
  });

  it('is never a knock sent back', async () => {
    const sent = await knock();
    for (const side of ['inviter', 'replier'] as const) {
      expect(await openAnswer(secret, side, { nonce: sent.nonce, bytes: sent.bytes })).toBeUndefined();
    }
  });
});
