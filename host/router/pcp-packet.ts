// PCP, RFC 6887: the one request that is made and its answer.
//
// both:     version 2 (1) · R + opcode (1) · reserved (1) · in answers result, else reserved (1) · lifetime, s (4)
// request:  client's address (16)
// answer:   epoch, s (4) · reserved (12)
// MAP:      nonce (12) · protocol (1) · reserved (3) · internal port (2) · external port (2) · external address (16)
// ANNOUNCE: nothing more

import { addressBytes, addressText } from '../../shared/code/address.ts';

export type PcpMapping = {
  readonly nonce: Uint8Array;
  readonly protocol: 'udp' | 'tcp';
  readonly port: number;
};

export type PcpMapRequest = PcpMapping & {
  readonly ownAddress: string;
  readonly wantedPort: number;
  /** Zero ends the mapping. */
  readonly leaseSeconds: number;
};

export type PcpAnswer =
  | {
      readonly at: 'mapped';
      readonly leaseSeconds: number;
      readonly upSeconds: number;
      readonly port: number;
      readonly address: string;
    }
  | { readonly at: 'announced' }
  /** The router speaks another version: NAT-PMP may be what it knows. */
  | { readonly at: 'other-version' }
  /** The router may name the address that it would have given: one that is of no use says why it refused. */
  | { readonly at: 'refused'; readonly address?: string };

const version = 2;
const announceOpcode = 0;
const mapOpcode = 1;
const answerBit = 0x80;
const headerBytes = 24;
const mapBytes = 60;
const answerMaxBytes = 1_100;
const unsupportedVersion = 1;
const protocolNumbers = { udp: 17, tcp: 6 } as const;

export function writePcpAnnounce(ownAddress: string): Uint8Array {
  const bytes = new Uint8Array(headerBytes);
  bytes.set([version, announceOpcode]);
  bytes.set(sixteenBytes(ownAddress), 8);
  return bytes;
}

export function writePcpMap(request: PcpMapRequest): Uint8Array {
  const { nonce, protocol, port, wantedPort, leaseSeconds, ownAddress } = request;
  const bytes = new Uint8Array(mapBytes);
  const view = new DataView(bytes.buffer);
  bytes.set([version, mapOpcode]);
  view.setUint32(4, leaseSeconds);
  const own = sixteenBytes(ownAddress);
  bytes.set(own, 8);
  bytes.set(nonce, 24);
  view.setUint8(36, protocolNumbers[protocol]);
  view.setUint16(40, port);
  view.setUint16(42, wantedPort);
  // No wish for an address, but for its family.
  bytes.set(isV4(own) ? sixteenBytes('0.0.0.0') : new Uint8Array(16), 44);
  return bytes;
}

/** Nothing where it is no answer to this mapping; without one, to an ANNOUNCE. */
export function readPcpAnswer(bytes: Uint8Array, mapping?: PcpMapping): PcpAnswer | undefined {
  if (bytes.length < 4 || bytes.length > answerMaxBytes) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes[0] !== version) return isVersionRefusal(bytes, view) ? { at: 'other-version' } : undefined;
  if (bytes.length < headerBytes || bytes[1] !== (answerBit | (mapping === undefined ? announceOpcode : mapOpcode)))
    return undefined;
  const result = bytes[3]!;
  if (result === unsupportedVersion) return { at: 'other-version' };
  if (mapping === undefined) return result === 0 ? { at: 'announced' } : { at: 'refused' };
  if (bytes.length < mapBytes || !isOf(mapping, bytes, view)) return undefined;
  const sixteen = bytes.slice(44, 60);
  const address = isV4(sixteen) ? addressText(4, sixteen.subarray(12)) : addressText(6, sixteen);
  if (result !== 0) return { at: 'refused', address };
  return {
    at: 'mapped',
    leaseSeconds: view.getUint32(4),
    upSeconds: view.getUint32(8),
    port: view.getUint16(42),
    address,
  };
}

/** A NAT-PMP router says in its own version that it does not know this one. */
function isVersionRefusal(bytes: Uint8Array, view: DataView): boolean {
  return bytes[0] === 0 && bytes[1]! >= answerBit && view.getUint16(2) === unsupportedVersion;
}

function isOf({ nonce, protocol, port }: PcpMapping, bytes: Uint8Array, view: DataView): boolean {
  return (
    nonce.every((byte, at) => bytes[24 + at] === byte) &&
    bytes[36] === protocolNumbers[protocol] &&
    view.getUint16(40) === port
  );
}

function sixteenBytes(address: string): Uint8Array {
  const v4 = addressBytes(4, address);
  if (v4 !== undefined) return Uint8Array.from([...new Uint8Array(10), 0xff, 0xff, ...v4]);
  return addressBytes(6, address) ?? new Uint8Array(16);
}

function isV4(sixteen: Uint8Array): boolean {
  return sixteen.subarray(0, 10).every((byte) => byte === 0) && sixteen[10] === 0xff && sixteen[11] === 0xff;
}
