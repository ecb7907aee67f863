// Which candidates of the other side a connection adds again.

import { describe, expect, it } from 'vitest';
import { openConnection } from '../../../link/connection.ts';
import type { LinkEngine, RouterPort } from '../../../link/ports.ts';
import type { RtcAddedCandidate, RtcConnection, RtcFactory } from '../../../link/rtc.ts';
import { chooseCandidates } from '../../../shared/code/candidates.ts';
import type { Candidate } from '../../../shared/code/link-code.ts';
import { settled, VirtualClock } from './virtual-clock.ts';

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

const sessionLines = [
  'v=0',
  'o=- 1 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=ice-ufrag:abcd',
  `a=ice-pwd:${'a'.repeat(24)}`,
  `a=fingerprint:sha-256 ${fingerprint}`,
];

describe('a connection', () => {
  it.each([
    ['all', [50_000, 50_001, 50_002, 50_003, 50_004]],
    ['near', [50_000, 50_001]],
  ] as const)('adds %s candidates again with the generation it is told', async (scope, ports) => {
    const added: RtcAddedCandidate[] = [];
    const engine = { giveChannel: () => undefined } as unknown as LinkEngine;
    const connection = await openConnection(
      { id: 1, iceServers: [], relayOnly: false, askRouter: false, control: true },
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

describe('a connection whose ports the router is asked for', () => {
  const offered = [
    ...sessionLines,
    'a=setup:actpass',
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    'c=IN IP4 0.0.0.0',
    'a=candidate:1 1 udp 2122260223 192.168.1.2 50000 typ host generation 0',
    'a=candidate:2 1 udp 1686052607 11.22.33.1 61000 typ srflx raddr 0.0.0.0 rport 0 generation 0',
    'a=mid:0',
    'a=sctp-port:5000',
    '',
  ].join('\r\n');

  function gathered(sdp: string): RtcFactory {
    const connection = {
      connectionState: 'new',
      iceGatheringState: 'complete',
      localDescription: { sdp },
      addEventListener: () => undefined,
      createDataChannel: (label: string) => ({ label }),
      addTransceiver: () => undefined,
      setLocalDescription: async () => undefined,
      close: () => undefined,
    };
    return {
      open: () => connection as unknown as RtcConnection,
      makeCertificate: async () => ({ getFingerprints: () => [{ algorithm: 'sha-256', value: fingerprint }] }),
    };
  }

  function openAsking(router: RouterPort, askRouter: boolean, clock = new VirtualClock(), sdp = offered) {
    const engine = { giveChannel: () => undefined } as unknown as LinkEngine;
    return openConnection(
      { id: 1, iceServers: [], relayOnly: false, askRouter, control: true },
      { rtc: gathered(sdp), clock, engine, router },
    );
  }

  function fakeRouter(answer: Promise<readonly { address: string; port: number }[]>) {
    const calls: string[] = [];
    const router: RouterPort = {
      open(hosts) {
        calls.push(`open ${hosts.map(({ port }) => port)}`);
        return answer;
      },
      shut: (hosts) => calls.push(`shut ${hosts.map(({ port }) => port)}`),
      renew: () => undefined,
    };
    return { calls, router };
  }

  it('tells the port outside in the place of what a server saw of that address, and shuts it at the end', async () => {
    const { calls, router } = fakeRouter(Promise.resolve([{ address: '11.22.33.1', port: 50_000 }]));
    const connection = await openAsking(router, true);
    const { candidates: told } = await connection.offer();
    expect(told.map(({ kind, address, port }) => `${kind} ${address} ${port}`)).toEqual([
      'host 192.168.1.2 50000',
      'srflx 11.22.33.1 50000',
    ]);
    connection.close();
    await settled();
    expect(calls).toEqual(['open 50000', 'shut 50000']);
  });

  it.each([
    ['adds nothing for a pinhole, whose address stands there', '2a00::9', []],
    ['tells an address of IPv6 that the router translates', '2a00::7', ['srflx 2a00::7 50001']],
  ])('%s', async (_, address, added) => {
    const { calls, router } = fakeRouter(Promise.resolve([{ address, port: 50_001 }]));
    const inside = 'a=candidate:3 1 udp 2122262783 2a00::9 50001 typ host generation 0\r\n';
    const connection = await openAsking(router, true, new VirtualClock(), offered.replace('a=mid', `${inside}a=mid`));
    const { candidates: told } = await connection.offer();
    expect(told.slice(3).map(({ kind, address: at, port }) => `${kind} ${at} ${port}`)).toEqual(added);
    expect(calls).toEqual(['open 50000,50001']);
  });

  it('goes by what a server saw where the router names another address', async () => {
    const { router } = fakeRouter(Promise.resolve([{ address: '11.22.33.9', port: 50_000 }]));
    const { candidates: told } = await (await openAsking(router, true)).offer();
    expect(chooseCandidates(told).map(({ address, port }) => `${address} ${port}`)).toEqual([
      '192.168.1.2 50000',
      '11.22.33.1 61000',
    ]);
  });

  it('does not wait for a host that is silent', async () => {
    const clock = new VirtualClock();
    const { router } = fakeRouter(new Promise(() => undefined));
    const offering = (await openAsking(router, true, clock)).offer();
    await clock.pass(4_000);
    expect((await offering).candidates.length).toBe(2);
  });

  it('asks for nothing while the person did not choose it', async () => {
    const { calls, router } = fakeRouter(Promise.resolve([]));
    const connection = await openAsking(router, false);
    await connection.offer();
    connection.close();
    await settled();
    expect(calls).toEqual([]);
  });
});

describe('a connection that looks for its addresses', () => {
  const [v4, v6] = ['192.168.1.2', '2001:db8::5'];
  const description = (addresses: readonly string[]) =>
    [
      ...sessionLines,
      'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
      ...addresses.map((address, at) => `a=candidate:${at} 1 udp 2122260223 ${address} 50000 typ host generation 0`),
      '',
    ].join('\r\n');

  /** Finds addresses when it is told, and completes when it is told. */
  function searching() {
    const listeners: (() => void)[] = [];
    const pc = {
      connectionState: 'new',
      iceGatheringState: 'gathering',
      localDescription: { sdp: description([]) },
      addEventListener: (_: string, listener: () => void) => void listeners.push(listener),
      createDataChannel: (label: string) => ({ label }),
      addTransceiver: () => undefined,
      setLocalDescription: async () => undefined,
    };
    const tell = () => {
      for (const listener of listeners) listener();
    };
    const rtc: RtcFactory = {
      open: () => pc as unknown as RtcConnection,
      makeCertificate: async () => ({ getFingerprints: () => [{ algorithm: 'sha-256', value: fingerprint }] }),
    };
    return {
      rtc,
      find(addresses: readonly string[]) {
        pc.localDescription = { sdp: description(addresses) };
        tell();
      },
      complete() {
        pc.iceGatheringState = 'complete';
        tell();
      },
    };
  }

  async function offerOf(rtc: RtcFactory, networks: readonly string[][] | undefined, servers: readonly string[] = []) {
    const connection = await openConnection(
      { id: 1, iceServers: servers.map((urls) => ({ urls })), relayOnly: false, askRouter: false, control: true },
      {
        rtc,
        clock: new VirtualClock(),
        engine: { giveChannel: () => undefined } as unknown as LinkEngine,
        ownNetworks: () => networks,
      },
    );
    const told: string[][] = [];
    void connection.offer().then(({ candidates: found }) => told.push(found.map(({ address }) => address)));
    await settled();
    return told;
  }

  it('waits no longer than for one address of each network', async () => {
    const { rtc, find } = searching();
    const told = await offerOf(rtc, [[v4], ['2001:db8::4', v6]]);
    find([v4]);
    await settled();
    expect(told).toEqual([]);
    find([v4, v6]);
    await settled();
    expect(told).toEqual([[v4, v6]]);
  });

  it.each([
    ['a server is asked', [[v4]], ['stun:stun.example.org']],
    ['nobody told the networks', undefined, []],
    ['it is on no network', [], []],
    ['an address is told that it does not find', [[v4], ['10.0.0.7']], []],
  ] as const)('waits for the whole search where %s', async (_, networks, servers) => {
    const { rtc, find, complete } = searching();
    const told = await offerOf(
      rtc,
      networks?.map((each) => [...each]),
      servers,
    );
    find([v4]);
    await settled();
    expect(told).toEqual([]);
    complete();
    await settled();
    expect(told).toEqual([[v4]]);
  });
});
