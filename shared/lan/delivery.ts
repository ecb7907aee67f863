// How a reply is delivered to the invite it answers, over any pipe of bytes. Big-endian; K is the invite's secret, C and L
// are 16 random bytes of the connecting and of the listening side, every seal a key of its own:
//   connecting  opening  C (16), seal of nothing under K, C (16)
//   listening   answer   L (16), seal of nothing under K, C and L (16)
//   connecting  reply    length (2), seal of the reply's bytes under K, C and L
//   listening   receipt  seal of one byte under K, C and L (17): 1 taken, 0 refused
// Promises: the listening side is silent to whoever does not know K, and to what was recorded.

import { join } from '../model/bytes.ts';
import { replyMaxBytes } from '../wire/limits.ts';
import { seal, sealBytes, unseal } from './sealed.ts';

/** One connection as this exchange sees it. */
export interface BytePipe {
  /** Exactly that many bytes, or nothing once they can no longer come. */
  read(byteCount: number): Promise<Uint8Array | undefined>;
  write(bytes: Uint8Array): void;
}

const nonceBytes = 16;
const nothing = new Uint8Array();

/** The connecting side. True only for a receipt that somebody who knows the secret wrote. */
export async function sendReply(pipe: BytePipe, secret: Uint8Array, reply: Uint8Array): Promise<boolean> {
  const mine = crypto.getRandomValues(new Uint8Array(nonceBytes));
  pipe.write(join([mine, await seal(secret, { salt: mine, label: 'tincan/near/knock' }, nothing)]));
  const answer = await pipe.read(nonceBytes + sealBytes);
  if (answer === undefined) return false;
  const salt = join([mine, answer.subarray(0, nonceBytes)]);
  const proof = answer.subarray(nonceBytes);
  if ((await unseal(secret, { salt, label: 'tincan/near/answer' }, proof)) === undefined) return false;
  const sealed = await seal(secret, { salt, label: 'tincan/near/reply' }, reply);
  pipe.write(join([Uint8Array.of(sealed.length >> 8, sealed.length & 255), sealed]));
  const receipt = await pipe.read(1 + sealBytes);
  if (receipt === undefined) return false;
  return (await unseal(secret, { salt, label: 'tincan/near/receipt' }, receipt))?.[0] === 1;
}

export type ReplyReceiver = {
  /** Asked once for each first message that opens. False for one that came before: it was recorded. */
  readonly isNew: (nonce: Uint8Array) => boolean;
  /** Whether the reply is of use; asked at most once. */
  readonly take: (reply: Uint8Array) => boolean;
};

/** The listening side. */
export async function receiveReply(pipe: BytePipe, secret: Uint8Array, { isNew, take }: ReplyReceiver): Promise<void> {
  const opening = await pipe.read(nonceBytes + sealBytes);
  if (opening === undefined) return;
  const theirs = opening.subarray(0, nonceBytes);
  const proof = opening.subarray(nonceBytes);
  if ((await unseal(secret, { salt: theirs, label: 'tincan/near/knock' }, proof)) === undefined) return;
  if (!isNew(theirs)) return;
  const mine = crypto.getRandomValues(new Uint8Array(nonceBytes));
  const salt = join([theirs, mine]);
  pipe.write(join([mine, await seal(secret, { salt, label: 'tincan/near/answer' }, nothing)]));
  const length = await pipe.read(2);
  if (length === undefined) return;
  const byteCount = (length[0]! << 8) | length[1]!;
  if (byteCount < sealBytes || byteCount > replyMaxBytes + sealBytes) return;
  const sealed = await pipe.read(byteCount);
  const reply = sealed && (await unseal(secret, { salt, label: 'tincan/near/reply' }, sealed));
  if (reply === undefined) return;
  const verdict = Uint8Array.of(take(reply) ? 1 : 0);
  pipe.write(await seal(secret, { salt, label: 'tincan/near/receipt' }, verdict));
}
