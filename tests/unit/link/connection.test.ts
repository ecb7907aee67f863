// Which candidates of the other side a connection adds again.

import { describe, expect, it } from 'vitest';
import { openConnection } from '../../../link/connection.ts';
import type { LinkEngine } from '../../../link/ports.ts';
import type { RtcAddedCandidate, RtcConnection, RtcFactory } from '../../../link/rtc.ts';
import type { Candidate } from '../../../shared/code/link-code.ts';
import { VirtualClock } from './virtual-clock.ts';

const fingerprint = Array.from({ length: 32 }, () => 'AB').join(':');

function factory(added: RtcAddedCandidate[]): RtcFactory {
  const connection: Partial<RtcConnection> = {
    connectionState: 'new',
    addEventListener: () => undefined,
    createDataChannel: (label) => ({ label }),
    setRemoteDescription: async () => undefined,
    addIceCandidate: async (candidate) => void added.push(candidate),
  };
  return {
    open: () => connection as RtcConnection,
    makeCertificate: async () => ({ getFingerprints: () => [{ algorithm: 'sha-256', value: fingerprint }] }),
  };
}

const candidates: readonly Candidate[] = [
  { kind: 'host', family: 4, address: '192.168.1.2', port: 50_000 },
  { kind: 'host', family: 'mdns', address: '01234567-89ab-cdef-0123-456789abcdef.local', port: 50_001 },
  { kind: 'srflx', family: 4, address: '203.0.113.9', port: 50_002 },
  { kind: 'host', family: 6, address: '2001:db8::1', port: 50_003 },
  { kind: 'relay', family: 4, address: '198.51.100.7', port: 50_004 },
];

describe('a connection', () => {
  it.each([
    ['all', [50_000, 50_001, 50_002, 50_003, 50_004]],
    ['near', [50_000, 50_001]],
  ] as const)('adds %s candidates again with the generation it is told', async (scope, ports) => {
    const added: RtcAddedCandidate[] = [];
    const engine = { giveChannel: () => undefined } as unknown as LinkEngine;
    const connection = await openConnection(
      { id: 1, iceServers: [], relayOnly: false, control: true },
      { rtc: factory(added), clock: new VirtualClock(), engine },
    );
    await connection.retryCandidates(1, scope);
    expect(added).toEqual([]);
    const fields = { ufrag: 'abcd', pwd: 'a'.repeat(24), fingerprint: new Uint8Array(32).fill(7), candidates };
    await connection.complete(fields, 'passive');
    await connection.retryCandidates(4, scope);
    expect(added.map(({ candidate }) => Number(candidate.split(' ')[5]))).toEqual(ports);
    expect(added.every(({ candidate }) => candidate.includes('generation 4'))).toBe(true);
  });
});
