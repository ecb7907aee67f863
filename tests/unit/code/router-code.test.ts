// A code with the port that the router opened is no longer than a camera reads easily.

import { create } from 'qrcode';
import { describe, expect, it } from 'vitest';
import { chooseCandidates } from '../../../shared/code/candidates.ts';
import { encodeCode } from '../../../shared/code/code-text.ts';
import type { Candidate } from '../../../shared/code/link-code.ts';
import { sampleCode } from './sample-codes.ts';

const hosts: readonly Candidate[] = [
  { kind: 'host', family: 4, address: '192.168.10.2', port: 51_234 },
  { kind: 'host', family: 6, address: '2001:db8:85a3::8a2e:370:7334', port: 51_235 },
];
/** As many addresses as a home gives out: pinholes need no candidate more. */
const pinholes: readonly Candidate[] = [
  { kind: 'host', family: 6, address: '2a00:1234:5678:9abc:8a2e:370:7334:1', port: 51_236 },
  { kind: 'host', family: 6, address: '2a00:1234:5678:9abc:8a2e:370:7334:2', port: 51_237 },
];
const opened: Candidate = { kind: 'srflx', family: 4, address: '11.22.33.1', port: 51_234 };

it.each([
  ['IPv6 alone', pinholes],
  ['one address of each family', [hosts[0]!, pinholes[0]!, opened]],
])('a code with pinholes and %s is at most 200 characters and a QR code of version 8', (_, candidates) => {
  const { name: __, ...code } = sampleCode({ candidates: chooseCandidates(candidates) });
  const text = encodeCode(code);
  expect(text.length).toBeLessThanOrEqual(200);
  expect(create([{ data: text, mode: 'alphanumeric' }], { errorCorrectionLevel: 'M' }).version).toBeLessThanOrEqual(8);
});

describe('a code with a port of the router', () => {
  it.each(['', 'Anna’s laptop'])('is at most 200 characters and a QR code of version 8, with the name “%s”', (name) => {
    const candidates = chooseCandidates([...hosts, opened]);
    expect(candidates).toContainEqual(opened);
    const { name: _, ...code } = sampleCode({ candidates });
    const text = encodeCode(name === '' ? code : { ...code, name });
    expect(text.length).toBeLessThanOrEqual(200);
    expect(create([{ data: text, mode: 'alphanumeric' }], { errorCorrectionLevel: 'M' }).version).toBeLessThanOrEqual(
      8,
    );
  });
});
