// NAT-PMP, RFC 6886: two requests and their answers.
//
// request:  version 0 (1) · opcode (1); to map: reserved (2) · internal port (2) · wanted external port (2) · lifetime, s (4)
// answer:   version 0 (1) · 128 + opcode (1) · result (2) · seconds since start (4)
//           opcode 0: public address (4)
//           opcode 1 (UDP), 2 (TCP): internal port (2) · external port (2) · lifetime, s (4)

import { addressText } from '../../shared/code/address.ts';

export type NatPmpMapping = { readonly protocol: 'udp' | 'tcp'; readonly port: number };

type Refused = { readonly at: 'refused' } | { readonly at: 'no-address' };
export type NatPmpAddress = { readonly at: 'address'; readonly address: string; readonly upSeconds: number } | Refused;
export type NatPmpMapped =
  | { readonly at: 'mapped'; readonly port: number; readonly leaseSeconds: number; readonly upSeconds: number }
  | Refused;

const addressOpcode = 0;
const mapOpcodes = { udp: 1, tcp: 2 } as const;
const answerBit = 0x80;
/** Also what a router answers whose own address is not a public one. */
const networkFailure = 3;

export function writeAddressRequest(): Uint8Array {
  return Uint8Array.from([0, addressOpcode]);
}

/** A lifetime of zero ends the mapping; the wanted port must then be zero too. */
export function writeMapRequest(
  { protocol, port }: NatPmpMapping,
  wantedPort: number,
  leaseSeconds: number,
): Uint8Array {
  const bytes = new Uint8Array(12);
  const view = new DataView(bytes.buffer);
  bytes.set([0, mapOpcodes[protocol]]);
  view.setUint16(4, port);
  view.setUint16(6, leaseSeconds === 0 ? 0 : wantedPort);
  view.setUint32(8, leaseSeconds);
  return bytes;
}

export function readAddressAnswer(bytes: Uint8Array): NatPmpAddress | undefined {
  const view = answerTo(bytes, addressOpcode);
  if (view === undefined) return undefined;
  if (view.getUint16(2) !== 0) return refusal(view);
  if (bytes.length < 12) return undefined;
  return { at: 'address', address: addressText(4, bytes.subarray(8, 12)), upSeconds: view.getUint32(4) };
}

export function readMapAnswer(bytes: Uint8Array, { protocol, port }: NatPmpMapping): NatPmpMapped | undefined {
  const view = answerTo(bytes, mapOpcodes[protocol]);
  if (view === undefined) return undefined;
  // A refusal may be cut short before the ports.
  if (bytes.length >= 12 && view.getUint16(8) !== port) return undefined;
  if (view.getUint16(2) !== 0) return refusal(view);
  if (bytes.length < 16) return undefined;
  return {
    at: 'mapped',
    port: view.getUint16(10),
    leaseSeconds: view.getUint32(12),
    upSeconds: view.getUint32(4),
  };
}

function refusal(view: DataView): Refused {
  return { at: view.getUint16(2) === networkFailure ? 'no-address' : 'refused' };
}

function answerTo(bytes: Uint8Array, opcode: number): DataView | undefined {
  if (bytes.length < 8 || bytes.length > 64 || bytes[0] !== 0 || bytes[1] !== (answerBit | opcode)) return undefined;
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
