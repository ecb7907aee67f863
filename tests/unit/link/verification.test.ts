// The verification's hashes against a second implementation, and what a man in the middle can make of it.

import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { commitment, digits, renewal, type TranscriptParts, transcript } from '../../../link/verification.ts';
import { nextPairSecret } from '../../../shared/lan/discovery.ts';
import { fromHex, toHex } from '../../../shared/model/bytes.ts';

/** Written from the protocol text with Node's own hashing; shares no code with the app. */
const second = {
  transcript(parts: TranscriptParts): Buffer {
    const hash = createHash('sha256').update('tincan/sas/1');
    for (const part of [Buffer.from([1]), Buffer.from(parts.invite), Buffer.from(parts.reply)]) {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(part.length);
      hash.update(length).update(part);
    }
    return hash.update(parts.inviterFingerprint).update(parts.replierFingerprint).digest();
  },
  commitment: (t: Uint8Array, inviter: Uint8Array) =>
    createHash('sha256').update('tincan/commit/1').update(t).update(inviter).digest(),
  digits(t: Uint8Array, inviter: Uint8Array, replier: Uint8Array): string {
    const hash = createHash('sha256').update('tincan/digits/1').update(t).update(inviter).update(replier).digest();
    return String(hash.readBigUInt64BE(0) % 1_000_000n).padStart(6, '0');
  },
};

const fixed: TranscriptParts = {
  invite: new TextEncoder().encode('the invite, as bytes'),
  reply: new TextEncoder().encode('the reply, as bytes'),
  inviterFingerprint: new Uint8Array(32).fill(0x11),
  replierFingerprint: new Uint8Array(32).fill(0x22),
};
const inviterNonce = new Uint8Array(32).fill(0xa1);
const replierNonce = new Uint8Array(32).fill(0xb2);

function randomParts(): TranscriptParts {
  return {
    invite: randomBytes(93),
    reply: randomBytes(90),
    inviterFingerprint: randomBytes(32),
    replierFingerprint: randomBytes(32),
  };
}

describe('the verification', () => {
  it('gives the fixed vector that any other client must give', async () => {
    const hash = await transcript(fixed);
    expect(toHex(hash)).toBe('6cfe9608c81959f1cd6b2afe45d23b6fb84191ad010bc8db4abfdc2b5bebe7ef');
    expect(toHex(await commitment(hash, inviterNonce))).toBe(
      '786c98e38791c28c0f03ba481e1daccaf7ee8dfb86ea9f88ec257a968734dd7e',
    );
    expect(await digits(hash, inviterNonce, replierNonce)).toBe('837806');
    const renewed = await renewal(hash, inviterNonce, replierNonce);
    expect(toHex(renewed)).toBe('0d50d3c9b0dc5c62f1f08b74dcf85822f67d964dcca0eaf240eb3751f650b9fb');
    const secret = fromHex('29a73a271e38587e800fce8b88093773a10733428dc553a930af4efa00247f6d');
    expect(toHex(await nextPairSecret(secret, renewed))).toBe(
      '917eaf2b8daa11fc5f72577435ba225a419784a6c73e20eeb8e3662d7af54312',
    );
  });

  it('agrees with a second implementation on random input', async () => {
    for (let round = 0; round < 100; round += 1) {
      const parts = randomParts();
      const [mine, yours] = [randomBytes(32), randomBytes(32)];
      const hash = await transcript(parts);
      expect(toHex(hash)).toBe(second.transcript(parts).toString('hex'));
      expect(toHex(await commitment(hash, mine))).toBe(second.commitment(hash, mine).toString('hex'));
      expect(await digits(hash, mine, yours)).toBe(second.digits(hash, mine, yours));
    }
  });

  it('C5 changes with every part of the transcript, and with where one code ends and the next begins', async () => {
    const seen = new Set([toHex(await transcript(fixed))]);
    for (const key of ['invite', 'reply', 'inviterFingerprint', 'replierFingerprint'] as const) {
      const bytes = Uint8Array.from(fixed[key]);
      bytes[0]! ^= 1;
      seen.add(toHex(await transcript({ ...fixed, [key]: bytes })));
    }
    const moved = { ...fixed, invite: fixed.invite.slice(0, -1), reply: Uint8Array.of(0x73, ...fixed.reply) };
    seen.add(toHex(await transcript(moved)));
    const swapped = {
      ...fixed,
      inviterFingerprint: fixed.replierFingerprint,
      replierFingerprint: fixed.inviterFingerprint,
    };
    seen.add(toHex(await transcript(swapped)));
    expect(seen.size).toBe(7);
  });

  it('shows two people different digits when somebody sits between them with codes of his own', async () => {
    let same = 0;
    for (let round = 0; round < 1000; round += 1) {
      const [left, right] = [await transcript(randomParts()), await transcript(randomParts())];
      const leftDigits = await digits(left, randomBytes(32), randomBytes(32));
      if (leftDigits === (await digits(right, randomBytes(32), randomBytes(32)))) same += 1;
    }
    // One in a million each: a single chance hit in a thousand runs happens once in a thousand test runs.
    expect(same).toBeLessThanOrEqual(1);
  });

  it('does not let a commitment of one leg be opened on the other', async () => {
    const [left, right] = [await transcript(randomParts()), await transcript(randomParts())];
    const nonce = fromHex('5a'.repeat(32));
    expect(toHex(await commitment(left, nonce))).not.toBe(toHex(await commitment(right, nonce)));
  });

  it('spreads its digits evenly', async () => {
    const hash = await transcript(fixed);
    const buckets = new Array<number>(10).fill(0);
    for (let round = 0; round < 5000; round += 1) {
      buckets[Number((await digits(hash, randomBytes(32), replierNonce))[0])]! += 1;
    }
    for (const count of buckets) expect(Math.abs(count - 500)).toBeLessThan(150);
  });
});
