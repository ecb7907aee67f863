// The six digits, as docs/PROTOCOL.md describes them under "Verification".

import { createHash } from 'node:crypto';

const sha256 = (...parts: readonly (Buffer | string)[]) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

function withLength(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

export type Transcript = {
  readonly invite: Buffer;
  readonly reply: Buffer;
  readonly inviterFingerprint: Buffer;
  readonly replierFingerprint: Buffer;
};

export function transcriptHash({ invite, reply, inviterFingerprint, replierFingerprint }: Transcript): Buffer {
  const version = withLength(Buffer.from([1]));
  return sha256('tincan/sas/1', version, withLength(invite), withLength(reply), inviterFingerprint, replierFingerprint);
}

export function commitment(transcript: Buffer, inviterNonce: Buffer): Buffer {
  return sha256('tincan/commit/1', transcript, inviterNonce);
}

export function digits(transcript: Buffer, inviterNonce: Buffer, replierNonce: Buffer): string {
  const hash = sha256('tincan/digits/1', transcript, inviterNonce, replierNonce);
  return String(hash.readBigUInt64BE(0) % 1_000_000n).padStart(6, '0');
}
