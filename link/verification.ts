// The hashes of the verification: what both sides must agree on (the transcript), what the inviter promises before it
// sees the other's nonce (the commitment), and the six digits that people compare.
//
//   T          = SHA-256("tincan/sas/1" | len(version) version | len(INVITE) INVITE | len(REPLY) REPLY | fpI | fpR)
//   commitment = SHA-256("tincan/commit/1" | T | nI)
//   digits     = first 8 bytes of SHA-256("tincan/digits/1" | T | nI | nR), big endian, mod 10^6
//   renewal    = SHA-256("tincan/renew/1" | T | nI | nR): what a new secret of two remembered computers is made with
//
// Lengths are 4 bytes, big endian; I is the inviter, R the replier; fingerprints are of the certificates in use.

import { join, sha256, withLength } from '../shared/model/bytes.ts';

export const verificationVersion = 1;

export type TranscriptParts = {
  /** The invite and the reply as their canonical bytes, not as text. */
  readonly invite: Uint8Array;
  readonly reply: Uint8Array;
  readonly inviterFingerprint: Uint8Array;
  readonly replierFingerprint: Uint8Array;
};

export function transcript(parts: TranscriptParts): Promise<Uint8Array> {
  return sha256(
    join([
      label('tincan/sas/1'),
      withLength(Uint8Array.of(verificationVersion)),
      withLength(parts.invite),
      withLength(parts.reply),
      parts.inviterFingerprint,
      parts.replierFingerprint,
    ]),
  );
}

export function commitment(transcriptHash: Uint8Array, inviterNonce: Uint8Array): Promise<Uint8Array> {
  return sha256(join([label('tincan/commit/1'), transcriptHash, inviterNonce]));
}

export async function digits(
  transcriptHash: Uint8Array,
  inviterNonce: Uint8Array,
  replierNonce: Uint8Array,
): Promise<string> {
  const hash = await sha256(join([label('tincan/digits/1'), transcriptHash, inviterNonce, replierNonce]));
  const number = new DataView(hash.buffer, hash.byteOffset).getBigUint64(0) % 1_000_000n;
  return number.toString().padStart(6, '0');
}

/** Known to these two only: the nonces travelled inside the link, and nothing in them is kept. */
export function renewal(
  transcriptHash: Uint8Array,
  inviterNonce: Uint8Array,
  replierNonce: Uint8Array,
): Promise<Uint8Array> {
  return sha256(join([label('tincan/renew/1'), transcriptHash, inviterNonce, replierNonce]));
}

export function freshNonce(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(32));
}

function label(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
