// What hashes, signals and blocks need of bytes: hex, chance, joining, length prefixes, SHA-256.

import { sha256InScript } from './sha256-in-script.ts';

export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

export function randomHex(bytes: number): string {
  return toHex(crypto.getRandomValues(new Uint8Array(bytes)));
}

/** Of text that a schema has already found to be hex. */
export function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(hex.length / 2);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = Number.parseInt(hex.slice(at * 2, at * 2 + 2), 16);
  return bytes;
}

export function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Four bytes of length, big endian, then the bytes: no two lists of parts join to the same whole. */
export function withLength(bytes: Uint8Array): Uint8Array {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, bytes.length);
  return join([length, bytes]);
}

/** Of one SHA-256. */
export const hashBytes = 32;

/** One of several SHA-256 that lie end to end, uncopied. */
export function hashAt(hashes: Uint8Array<ArrayBuffer>, at: number): Uint8Array<ArrayBuffer> {
  return hashes.subarray(at * hashBytes, (at + 1) * hashBytes);
}

/** Pages over plain HTTP have no `subtle`: there the same is computed in JavaScript, at a fraction of the speed. */
export async function sha256(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  if (crypto.subtle === undefined) return new Uint8Array(sha256InScript(bytes));
  // Nothing hashed here ever lies in shared memory, and the page's own types ask for that to be said.
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
}
