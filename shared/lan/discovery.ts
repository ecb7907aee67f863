// How a computer that is remembered is found on the network: one datagram that carries an invite, one that carries the
// reply. Both have the same length and look like noise. P is the pair's secret; `from` is the side that writes.
//   request   name (8), N (16), seal of the padded invite under P, salt name and N
//   answer  M (24), seal of the padded reply under P, salt N and M
//   padded  length (2), the code's bytes, in a request: count (1) and as many IPv4 addresses (4 each) of the sender, zeros up to a
//           constant length
// The name is derived from P, the writing side and a window of time, so it means something to the other side only, and
// nothing to anybody once the window is over. Promises: bytes that are not for us are nothing, never a throw.

import { addressBytes, addressText } from '../code/address.ts';
import { join, toHex } from '../model/bytes.ts';
import { requestAddressesMax, requestCodeMaxBytes, requestWindowMs } from '../wire/limits.ts';
import { derive, seal, sealBytes, unseal } from './sealed.ts';

/** Of the link on which two computers were remembered; it tells whose datagram is whose, so that none can be sent back. */
export type PairSide = 'inviter' | 'replier';

export type DiscoveryRequest = { readonly name: string; readonly nonce: Uint8Array; readonly bytes: Uint8Array };

const nameBytes = 8;
const nonceBytes = 16;
const headBytes = nameBytes + nonceBytes;
const paddedBytes = 2 + requestCodeMaxBytes;
export const requestBytes = headBytes + paddedBytes + sealBytes;

export function otherSide(side: PairSide): PairSide {
  return side === 'inviter' ? 'replier' : 'inviter';
}

/** What both computers keep: made from one share of each, bound to the link they met on. */
export function pairSecret(shares: Readonly<Record<PairSide, Uint8Array>>, binding: Uint8Array): Promise<Uint8Array> {
  return derive(join([shares.inviter, shares.replier]), { salt: binding, label: 'tincan/pair/1' }, 32);
}

/**
 * What both keep instead, from their next meeting on. `renewal` is known to the two of them only, so whoever copied the
 * secret before this meeting does not know the next one.
 */
export function nextPairSecret(secret: Uint8Array, renewal: Uint8Array): Promise<Uint8Array> {
  return derive(secret, { salt: renewal, label: 'tincan/pair/2' }, 32);
}

/** Names under which the pair may be asking now, in hex: a clock may be a window off. */
export function requestNames(secret: Uint8Array, from: PairSide, nowMs: number): Promise<string[]> {
  const at = Math.floor(nowMs / requestWindowMs);
  return Promise.all([at - 1, at, at + 1].map(async (window) => toHex(await nameOf(secret, from, window))));
}

export type RequestContent = {
  readonly nowMs: number;
  readonly invite: Uint8Array;
  /** IPv4 addresses that it leaves from. Somebody who recorded it elsewhere cannot send it from there. */
  readonly addresses: readonly string[];
};

export async function writeRequest(
  secret: Uint8Array,
  from: PairSide,
  { nowMs, invite, addresses }: RequestContent,
): Promise<DiscoveryRequest | undefined> {
  const padded = pad(invite, addresses);
  if (padded === undefined) return undefined;
  const name = await nameOf(secret, from, Math.floor(nowMs / requestWindowMs));
  const nonce = crypto.getRandomValues(new Uint8Array(nonceBytes));
  const head = join([name, nonce]);
  const sealed = await seal(secret, { salt: head, label: `tincan/knock/${from}` }, padded);
  return { name: toHex(name), nonce, bytes: join([head, sealed]) };
}

/** What can be read without a secret. */
export function readRequest(bytes: Uint8Array): DiscoveryRequest | undefined {
  if (bytes.length !== requestBytes) return undefined;
  return { name: toHex(bytes.subarray(0, nameBytes)), nonce: bytes.slice(nameBytes, headBytes), bytes };
}

export type OpenedRequest = {
  readonly invite: Uint8Array;
  /** Empty from a sender that does not say, or had no room to. */
  readonly addresses: readonly string[];
};

export async function openRequest(
  secret: Uint8Array,
  from: PairSide,
  { bytes }: DiscoveryRequest,
): Promise<OpenedRequest | undefined> {
  const salt = bytes.subarray(0, headBytes);
  const padded = await unseal(secret, { salt, label: `tincan/knock/${from}` }, bytes.subarray(headBytes));
  const invite = unpad(padded);
  if (padded === undefined || invite === undefined) return undefined;
  return { invite, addresses: readAddresses(padded.subarray(2 + invite.length)) };
}

export async function writeAnswer(
  secret: Uint8Array,
  from: PairSide,
  { nonce, reply }: { readonly nonce: Uint8Array; readonly reply: Uint8Array },
): Promise<Uint8Array | undefined> {
  const padded = pad(reply);
  if (padded === undefined) return undefined;
  const mine = crypto.getRandomValues(new Uint8Array(headBytes));
  const sealed = await seal(secret, { salt: join([nonce, mine]), label: `tincan/answer/${from}` }, padded);
  return join([mine, sealed]);
}

export async function openAnswer(
  secret: Uint8Array,
  from: PairSide,
  { nonce, bytes }: { readonly nonce: Uint8Array; readonly bytes: Uint8Array },
): Promise<Uint8Array | undefined> {
  if (bytes.length !== requestBytes) return undefined;
  const salt = join([nonce, bytes.subarray(0, headBytes)]);
  return unpad(await unseal(secret, { salt, label: `tincan/answer/${from}` }, bytes.subarray(headBytes)));
}

function nameOf(secret: Uint8Array, from: PairSide, window: number): Promise<Uint8Array> {
  const salt = new Uint8Array(8);
  new DataView(salt.buffer).setBigUint64(0, BigInt(Math.max(0, window)));
  return derive(secret, { salt, label: `tincan/name/${from}` }, nameBytes);
}

/** Addresses that do not all fit are left out: a sender that names some of them would not be heard from the others. */
function pad(code: Uint8Array, addresses: readonly string[] = []): Uint8Array | undefined {
  if (code.length > requestCodeMaxBytes) return undefined;
  const padded = new Uint8Array(paddedBytes);
  padded.set([code.length >> 8, code.length & 255]);
  padded.set(code, 2);
  const named = addresses.flatMap((address) => addressBytes(4, address) ?? []);
  const listed = join([Uint8Array.of(named.length), ...named]);
  if (2 + code.length + listed.length <= paddedBytes) padded.set(listed, 2 + code.length);
  return padded;
}

function readAddresses(bytes: Uint8Array): string[] {
  const count = Math.min(bytes[0] ?? 0, requestAddressesMax, Math.floor((bytes.length - 1) / 4));
  return Array.from({ length: Math.max(0, count) }, (_, at) => addressText(4, bytes.subarray(1 + 4 * at, 5 + 4 * at)));
}

function unpad(padded: Uint8Array | undefined): Uint8Array | undefined {
  if (padded?.length !== paddedBytes) return undefined;
  const length = (padded[0]! << 8) | padded[1]!;
  return length > requestCodeMaxBytes ? undefined : padded.slice(2, 2 + length);
}
