// Codes that the tests of this room share. Bytes come from a small counter, so failures repeat.

import type { Candidate, LinkCode } from '../../../shared/code/link-code.ts';

export const hostV4: Candidate = { kind: 'host', family: 4, address: '192.168.1.23', port: 51_234 };
export const hostV6: Candidate = { kind: 'host', family: 6, address: '2001:db8:85a3::8a2e:370:7334', port: 51_235 };
export const srflxV4: Candidate = { kind: 'srflx', family: 4, address: '203.0.113.77', port: 40_001 };
export const relayV6: Candidate = { kind: 'relay', family: 6, address: '2001:db8::9', port: 60_000 };
export const named: Candidate = {
  kind: 'host',
  family: 'mdns',
  address: '0f8fad5b-d9cb-469f-a165-70867728950e.local',
  port: 49_152,
};

export function sampleCode(more: Partial<LinkCode> = {}): LinkCode {
  return {
    kind: 'invite',
    sessionId: Uint8Array.from({ length: 8 }, (_, at) => at * 29 + 3),
    fingerprint: Uint8Array.from({ length: 32 }, (_, at) => at * 7 + 11),
    ufrag: 'aZ+9',
    pwd: 'abcdefghijklmnopqrst/+09',
    candidates: [hostV4, hostV6, srflxV4],
    ...more,
  };
}

export const sampleCodes: readonly LinkCode[] = [
  sampleCode(),
  sampleCode({ kind: 'reply', name: 'Ada’s laptop', candidates: [hostV4] }),
  sampleCode({ ufrag: 'abcdefgh', pwd: 'x'.repeat(32), candidates: [hostV4, named, srflxV4, relayV6], name: '木の机' }),
];
