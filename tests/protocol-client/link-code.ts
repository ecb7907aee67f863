// Link codes, as docs/PROTOCOL.md describes them under "Link codes".

import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

export type Candidate = {
  readonly kind: 'host' | 'srflx' | 'relay';
  readonly family: 4 | 6 | 'mdns';
  readonly address: string;
  readonly port: number;
};

export type Fields = {
  readonly ufrag: string;
  readonly pwd: string;
  /** SHA-256 of the certificate, 64 hex digits. */
  readonly fingerprint: string;
  readonly candidates: readonly Candidate[];
};

export type LinkCode = Fields & {
  readonly kind: 'invite' | 'reply';
  readonly sessionId: Buffer;
  readonly name: string;
  /** The canonical bytes. */
  readonly bytes: Buffer;
};

const base32 = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const credentialLetters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const kinds = ['host', 'srflx', 'relay'] as const;
const families = [4, 6, 'mdns'] as const;

export const newSessionId = () => randomBytes(8);

export function packCode(code: Omit<LinkCode, 'bytes'>): Buffer {
  const { ufrag, pwd } = code;
  const hasLengths = ufrag.length !== 4 || pwd.length !== 24;
  const name = Buffer.from(code.name);
  const parts = [
    code.sessionId,
    Buffer.from(code.fingerprint, 'hex'),
    hasLengths ? Buffer.from([ufrag.length, pwd.length]) : Buffer.alloc(0),
    packBits(
      [...(ufrag + pwd)].map((letter) => credentialLetters.indexOf(letter)),
      6,
    ),
    name.length > 0 ? Buffer.from([name.length, ...name]) : Buffer.alloc(0),
    ...code.candidates.map(packCandidate),
  ];
  const length = 2 + parts.reduce((sum, part) => sum + part.length, 0) + 4;
  const head =
    (1 << 12) | (code.kind === 'reply' ? 1 << 11 : 0) | (name.length > 0 ? 1 << 10 : 0) | (hasLengths ? 1 << 9 : 0);
  const body = Buffer.concat([uint16(head | length), ...parts]);
  return Buffer.concat([body, uint32(crc32(body))]);
}

export function unpackCode(bytes: Buffer): LinkCode {
  const head = bytes.readUInt16BE(0);
  const length = head & 0x1ff;
  if (head >> 12 !== 1 || bytes.length !== length) throw new Error('not a code of version 1');
  if (crc32(bytes.subarray(0, -4)) !== bytes.readUInt32BE(length - 4)) throw new Error('the checksum is wrong');
  const sessionId = bytes.subarray(2, 10);
  const fingerprint = bytes.subarray(10, 42).toString('hex');
  let at = 42;
  const [ufragLength, pwdLength] = (head & (1 << 9)) === 0 ? [4, 24] : [bytes[at++]!, bytes[at++]!];
  const letters = ufragLength + pwdLength;
  const credentials = unpackBits(bytes.subarray(at, at + Math.ceil((6 * letters) / 8)), 6, letters)
    .map((index) => credentialLetters[index])
    .join('');
  at += Math.ceil((6 * letters) / 8);
  let name = '';
  if ((head & (1 << 10)) !== 0) {
    const nameLength = bytes[at]!;
    name = bytes.subarray(at + 1, at + 1 + nameLength).toString();
    at += 1 + nameLength;
  }
  const candidates: Candidate[] = [];
  while (at < length - 4) {
    const kind = kinds[bytes[at]! >> 4]!;
    const family = families[bytes[at]! & 15]!;
    const size = family === 4 ? 4 : 16;
    const address = addressText(family, bytes.subarray(at + 1, at + 1 + size));
    candidates.push({ kind, family, address, port: bytes.readUInt16BE(at + 1 + size) });
    at += 3 + size;
  }
  return {
    kind: (head & (1 << 11)) === 0 ? 'invite' : 'reply',
    sessionId,
    fingerprint,
    ufrag: credentials.slice(0, ufragLength),
    pwd: credentials.slice(ufragLength),
    name,
    candidates,
    bytes,
  };
}

export function codeText(bytes: Buffer): string {
  const fives = unpackBits(bytes, 5, Math.ceil((bytes.length * 8) / 5));
  return `TINCAN:${fives.map((index) => base32[index]).join('')}`;
}

export function codeBytes(text: string): Buffer {
  const letters = [...text.replace(/^TINCAN:/, '')].map((letter) => base32.indexOf(letter));
  const bytes = packBits(letters, 5);
  return bytes.subarray(0, Math.floor((letters.length * 5) / 8));
}

function packCandidate({ kind, family, address, port }: Candidate): Buffer {
  const tag = kinds.indexOf(kind) * 16 + families.indexOf(family);
  return Buffer.concat([Buffer.from([tag]), addressBytes(family, address), uint16(port)]);
}

function addressBytes(family: Candidate['family'], address: string): Buffer {
  if (family === 4) return Buffer.from(address.split('.').map(Number));
  if (family === 'mdns') return Buffer.from(address.replace('.local', '').replaceAll('-', ''), 'hex');
  const [head = '', tail] = address.split('::');
  const groupsOf = (text: string) => text.split(':').filter(Boolean);
  const [before, after] = [groupsOf(head), groupsOf(tail ?? '')];
  const zeros = new Array<string>(8 - before.length - after.length).fill('0');
  return Buffer.concat([...before, ...zeros, ...after].map((group) => uint16(Number.parseInt(group, 16))));
}

function addressText(family: Candidate['family'], bytes: Buffer): string {
  if (family === 4) return bytes.join('.');
  const hex = bytes.toString('hex');
  if (family === 6) return hex.match(/.{4}/g)!.join(':');
  return `${[hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')}.local`;
}

/** Numbers of so many bits end to end, most significant bit first; the last byte is filled with zero bits. */
function packBits(numbers: readonly number[], bits: number): Buffer {
  const text = numbers.map((each) => each.toString(2).padStart(bits, '0')).join('');
  return Buffer.from((text.match(/.{1,8}/g) ?? []).map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2)));
}

function unpackBits(bytes: Buffer, bits: number, count: number): number[] {
  const text = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return Array.from({ length: count }, (_, at) =>
    Number.parseInt(text.slice(at * bits, (at + 1) * bits).padEnd(bits, '0'), 2),
  );
}

function uint16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 255]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
