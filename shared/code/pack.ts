// A link code as bytes. Big-endian, no padding:
//   2  header: version 4 bits, kind 1 (0 invite, 1 reply), name follows 1, lengths follow 1, length of the whole in bytes 9
//   8  session id
//  32  SHA-256 fingerprint
//   2  only when "lengths follow": characters of ufrag and of pwd; otherwise they are 4 and 24
//   n  ufrag and pwd, 6 bits a character in the order A-Z a-z 0-9 + /, last byte filled with zero bits
//   1+n  only when "name follows": length, UTF-8
//   each candidate: 1 tag (kind host 0, srflx 1, relay 2, times 16, plus family v4 0, v6 1, .local 2), address 4 or 16, port 2
//   4  CRC-32 of everything before
// Unpacking refuses whatever packing would have written differently: one code has one spelling.

import { codeMaxCandidates, codeNameMaxBytes } from '../wire/limits.ts';
import { addressBytes, addressLength, addressText, type Family } from './address.ts';
import { crc32 } from './checksum.ts';
import { cleanCodeName } from './code-name.ts';
import { isPwd, isUfrag } from './ice-words.ts';
import type { Candidate, LinkCode } from './link-code.ts';

export const codeVersion = 1;
export const headerBytes = 2;
const fixedBytes = headerBytes + 8 + 32;
const checksumBytes = 4;
/** Fixed part, the shortest credentials there are, checksum. */
export const codeMinBytes = fixedBytes + 21 + checksumBytes;

const iceAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const kinds = ['host', 'srflx', 'relay'] as const;
const families: readonly Family[] = [4, 6, 'mdns'];
const usualLengths = { ufrag: 4, pwd: 24 };

export type Header = {
  readonly version: number;
  readonly kind: LinkCode['kind'];
  readonly hasName: boolean;
  readonly hasLengths: boolean;
  readonly totalBytes: number;
};

export function readHeader(word: number): Header {
  return {
    version: word >> 12,
    kind: word & 0x800 ? 'reply' : 'invite',
    hasName: (word & 0x400) !== 0,
    hasLengths: (word & 0x200) !== 0,
    totalBytes: word & 0x1ff,
  };
}

/** Nothing when a field cannot stand in a code. Candidates are written as they are. */
export function packCode(code: LinkCode): Uint8Array | undefined {
  const { ufrag, pwd, sessionId, fingerprint } = code;
  if (!isUfrag(ufrag) || !isPwd(pwd)) return undefined;
  if (sessionId.length !== 8 || fingerprint.length !== 32 || code.candidates.length > codeMaxCandidates)
    return undefined;
  const hasLengths = ufrag.length !== usualLengths.ufrag || pwd.length !== usualLengths.pwd;
  const name = code.name === undefined ? undefined : cleanCodeName(code.name);
  const nameBytes = name === undefined ? [] : [...new TextEncoder().encode(name)];
  const candidates = code.candidates.map(packCandidate);
  if (candidates.includes(undefined)) return undefined;
  const bytes = Uint8Array.from([
    0,
    0,
    ...sessionId,
    ...fingerprint,
    ...(hasLengths ? [ufrag.length, pwd.length] : []),
    ...packIceCharacters(ufrag + pwd),
    ...(name === undefined ? [] : [nameBytes.length, ...nameBytes]),
    ...candidates.flatMap((each) => each!),
    ...Array<number>(checksumBytes).fill(0),
  ]);
  const flags = (code.kind === 'reply' ? 0x800 : 0) | (name === undefined ? 0 : 0x400) | (hasLengths ? 0x200 : 0);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, (codeVersion << 12) | flags | bytes.length);
  view.setUint32(bytes.length - checksumBytes, crc32(bytes.subarray(0, -checksumBytes)));
  return bytes;
}

export function isChecksumRight(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return view.getUint32(bytes.length - checksumBytes) === crc32(bytes.subarray(0, -checksumBytes));
}

/** For bytes whose checksum is right. Nothing when they are not what packing would have written. */
export function unpackCode(bytes: Uint8Array): LinkCode | undefined {
  const { kind, hasName, hasLengths, version, totalBytes } = readHeader((bytes[0]! << 8) | bytes[1]!);
  if (version !== codeVersion || totalBytes !== bytes.length) return undefined;
  const end = bytes.length - checksumBytes;
  let at = fixedBytes;
  const take = (count: number) => {
    const part = bytes.subarray(at, Math.min(at + count, end));
    at += count;
    return part.length === count ? part : undefined;
  };
  const lengths = hasLengths ? take(2) : Uint8Array.of(usualLengths.ufrag, usualLengths.pwd);
  const [ufragLength = 0, pwdLength = 0] = lengths ?? [];
  const letters = take(Math.ceil(((ufragLength + pwdLength) * 6) / 8));
  if (letters === undefined) return undefined;
  const credentials = unpackIceCharacters(letters, ufragLength + pwdLength);
  const name = hasName ? takeName(take) : undefined;
  if (hasName && name === undefined) return undefined;
  const candidates: Candidate[] = [];
  while (at < end) {
    const candidate = takeCandidate(take);
    if (candidate === undefined || candidates.push(candidate) > codeMaxCandidates) return undefined;
  }
  const code: LinkCode = {
    kind,
    sessionId: bytes.slice(headerBytes, headerBytes + 8),
    fingerprint: bytes.slice(headerBytes + 8, fixedBytes),
    ufrag: credentials.slice(0, ufragLength),
    pwd: credentials.slice(ufragLength),
    candidates,
    ...(name === undefined ? {} : { name }),
  };
  return at === end && isSame(packCode(code), bytes) ? code : undefined;
}

type Take = (count: number) => Uint8Array | undefined;

function takeName(take: Take): string | undefined {
  const length = take(1)?.[0] ?? 0;
  const bytes = length === 0 || length > codeNameMaxBytes ? undefined : take(length);
  if (bytes === undefined) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function takeCandidate(take: Take): Candidate | undefined {
  const tag = take(1)?.[0] ?? 0xff;
  const kind = kinds[tag >> 4];
  const family = families[tag & 15];
  if (kind === undefined || family === undefined) return undefined;
  const address = take(addressLength(family));
  const port = take(2);
  if (address === undefined || port === undefined) return undefined;
  const where = { address: addressText(family, address), port: (port[0]! << 8) | port[1]! };
  if (kind === 'host') return { kind, family, ...where };
  return family === 'mdns' ? undefined : { kind, family, ...where };
}

function packCandidate({ kind, family, address, port }: Candidate): number[] | undefined {
  const bytes = addressBytes(family, address);
  if (bytes === undefined || !Number.isInteger(port) || port < 0 || port > 65_535) return undefined;
  return [(kinds.indexOf(kind) << 4) | families.indexOf(family), ...bytes, port >> 8, port & 255];
}

function packIceCharacters(text: string): Uint8Array {
  const bytes = new Uint8Array(Math.ceil((text.length * 6) / 8));
  [...text].forEach((char, index) => {
    const value = iceAlphabet.indexOf(char) << 10;
    const bit = index * 6;
    const pair = value >> (bit % 8);
    bytes[bit >> 3]! |= pair >> 8;
    if ((bit >> 3) + 1 < bytes.length) bytes[(bit >> 3) + 1]! |= pair & 255;
  });
  return bytes;
}

function unpackIceCharacters(bytes: Uint8Array, count: number): string {
  let text = '';
  for (let index = 0; index < count; index += 1) {
    const bit = index * 6;
    const pair = (bytes[bit >> 3]! << 8) | (bytes[(bit >> 3) + 1] ?? 0);
    text += iceAlphabet[(pair >> (10 - (bit % 8))) & 63];
  }
  return text;
}

function isSame(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && a.length === b.length && a.every((byte, at) => byte === b[at]);
}
