// PCP and NAT-PMP byte by byte, and that no bytes of a stranger pass for an answer.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  readAddressAnswer,
  readMapAnswer,
  writeAddressRequest,
  writeMapRequest,
} from '../../../host/router/nat-pmp-packet.ts';
import { readPcpAnswer, writePcpAnnounce, writePcpMap } from '../../../host/router/pcp-packet.ts';
import { fromHex, toHex } from '../../../shared/model/bytes.ts';

const nonce = fromHex('00112233445566778899aabb');
const mapping = { nonce, protocol: 'udp', port: 50_000 } as const;
const own = '00000000000000000000ffffc0a80a02';
const mapped = fromHex(
  `02810000${'0000012c'}${'00000e10'}${'00'.repeat(12)}${toHex(nonce)}11000000c350c35100000000000000000000ffff0b162101`,
);
const patched = (bytes: Uint8Array, at: number, byte: number) => bytes.with(at, byte);

describe('PCP', () => {
  it('asks as RFC 6887 draws it', () => {
    const request = writePcpMap({ ...mapping, wantedPort: 50_001, leaseSeconds: 300, ownAddress: '192.168.10.2' });
    expect(toHex(request)).toBe(
      `020100000000012c${own}${toHex(nonce)}11000000c350c351${'00000000000000000000ffff00000000'}`,
    );
    expect(toHex(writePcpAnnounce('192.168.10.2'))).toBe(`0200000000000000${own}`);
  });

  it('reads the answer to its own mapping', () => {
    expect(readPcpAnswer(mapped, mapping)).toEqual({
      at: 'mapped',
      leaseSeconds: 300,
      upSeconds: 3_600,
      port: 50_001,
      address: '11.22.33.1',
    });
    expect(readPcpAnswer(fromHex(`0280000000000000${'00'.repeat(16)}`))).toEqual({ at: 'announced' });
  });

  it.each([
    ['another nonce', patched(mapped, 24, 1)],
    ['another protocol', patched(mapped, 36, 6)],
    ['another port of this computer', patched(mapped, 41, 0x51)],
    ['a request', patched(mapped, 1, 1)],
    ['another operation', patched(mapped, 1, 0x82)],
    ['a version that there is not', patched(mapped, 0, 3)],
    ['half an answer', mapped.subarray(0, 40)],
    ['far too much', new Uint8Array(1_200)],
  ])('takes no answer with %s', (_, bytes) => {
    expect(readPcpAnswer(bytes, mapping)).toBeUndefined();
  });

  it('tells a refusal from a router that speaks another version', () => {
    expect(readPcpAnswer(patched(mapped, 3, 2), mapping)).toEqual({ at: 'refused', address: '11.22.33.1' });
    expect(readPcpAnswer(patched(mapped, 3, 1), mapping)).toEqual({ at: 'other-version' });
    expect(readPcpAnswer(fromHex('0081000100000e10'), mapping)).toEqual({ at: 'other-version' });
  });
});

describe('NAT-PMP', () => {
  it('asks as RFC 6886 draws it', () => {
    expect(toHex(writeAddressRequest())).toBe('0000');
    expect(toHex(writeMapRequest({ protocol: 'udp', port: 50_000 }, 50_001, 300))).toBe('00010000c350c3510000012c');
    expect(toHex(writeMapRequest({ protocol: 'tcp', port: 50_000 }, 50_001, 0))).toBe('00020000c350000000000000');
  });

  it('reads address and mapping', () => {
    expect(readAddressAnswer(fromHex('0080000000000e100b162101'))).toEqual({
      at: 'address',
      address: '11.22.33.1',
      upSeconds: 3_600,
    });
    expect(readMapAnswer(fromHex('0081000000000e10c350c3510000012c'), mapping)).toEqual({
      at: 'mapped',
      port: 50_001,
      leaseSeconds: 300,
      upSeconds: 3_600,
    });
  });

  it.each([
    ['another port of this computer', '0081000000000e10c351c3510000012c'],
    ['another protocol', '0082000000000e10c350c3510000012c'],
    ['half an answer', '0081000000000e10c350c351'],
    ['another version', '0281000000000e10c350c3510000012c'],
  ])('takes no answer with %s', (_, hex) => {
    expect(readMapAnswer(fromHex(hex), mapping)).toBeUndefined();
  });

  it('knows a refusal, whole or cut short', () => {
    expect(readMapAnswer(fromHex('0081000200000e10'), mapping)).toEqual({ at: 'refused' });
    expect(readAddressAnswer(fromHex('0080000300000e1000000000'))).toEqual({ at: 'no-address' });
  });
});

describe('bytes of a stranger', () => {
  it('never pass for a mapping without its nonce, and never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1_300 }), (bytes) => {
        expect(readPcpAnswer(bytes, mapping)?.at).not.toBe('mapped');
        readPcpAnswer(bytes);
        readAddressAnswer(bytes);
        readMapAnswer(bytes, mapping);
      }),
      { numRuns: 2_000 },
    );
  });
});
