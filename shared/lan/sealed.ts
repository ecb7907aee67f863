// Keys and sealed bytes for what two Tincans say to each other outside a link. One key per (secret, salt, label), used for
// one message only, so the AES-GCM nonce can be constant. Promises: what does not open is nothing, never a throw.

import { sha256 } from '../model/bytes.ts';
import { Fault } from '../model/fault.ts';

export type SealedFor = { readonly salt: Uint8Array; readonly label: string };

/** Bytes that the tag adds to what is sealed. */
export const sealBytes = 16;

const onlyIv = new Uint8Array(12);

/** The secret of an invite: its password, bound to everything else that stands in it. */
export async function inviteSecret(pwd: string, inviteBytes: Uint8Array): Promise<Uint8Array> {
  const salt = await sha256(inviteBytes);
  return derive(new TextEncoder().encode(pwd), { salt, label: 'tincan/near/1' }, 32);
}

export async function derive(secret: Uint8Array, at: SealedFor, byteCount: number): Promise<Uint8Array<ArrayBuffer>> {
  const key = await subtle().importKey('raw', new Uint8Array(secret), 'HKDF', false, ['deriveBits']);
  return new Uint8Array(await subtle().deriveBits(hkdf(at), key, byteCount * 8));
}

export async function seal(secret: Uint8Array, at: SealedFor, plain: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const key = await keyFor(secret, at);
  return new Uint8Array(await subtle().encrypt({ name: 'AES-GCM', iv: onlyIv }, key, new Uint8Array(plain)));
}

export async function unseal(
  secret: Uint8Array,
  at: SealedFor,
  sealed: Uint8Array,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const key = await keyFor(secret, at);
  try {
    return new Uint8Array(await subtle().decrypt({ name: 'AES-GCM', iv: onlyIv }, key, new Uint8Array(sealed)));
  } catch {
    return undefined;
  }
}

/** Secrets are kept by hosts and their pages. A guest page over plain HTTP, which has none of this, keeps none. */
function subtle() {
  if (crypto.subtle === undefined) throw new Fault('internal', 'no secrets without a secure context');
  return crypto.subtle;
}

async function keyFor(secret: Uint8Array, at: SealedFor) {
  const base = await subtle().importKey('raw', new Uint8Array(secret), 'HKDF', false, ['deriveKey']);
  return subtle().deriveKey(hkdf(at), base, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}

function hkdf({ salt, label }: SealedFor) {
  return {
    name: 'HKDF',
    hash: 'SHA-256',
    salt: new Uint8Array(salt),
    info: new TextEncoder().encode(label),
  } as const;
}
