// What servers outside saw, and what follows from it: every kind of network, told from evidence alone.

import { describe, expect, it } from 'vitest';
import { type AskedServer, judgeNetwork, type NetworkEvidence } from '../../../link/network-kind.ts';
import { type NetworkVerdict, networkVerdict } from '../../../shared/model/network-view.ts';

const outside = '198.51.100.1';
const server = (host: string, sawAddress?: string): AskedServer => ({
  host,
  answered: true,
  ...(sawAddress === undefined ? {} : { sawAddress }),
});
const silent = (host: string): AskedServer => ({ host, answered: false });
const port = (base: string, number: number, address = outside) => ({ base, address, port: number });

const home: NetworkEvidence = {
  hosts: ['192.168.1.2'],
  asked: [server('a', outside), server('b', outside)],
  seen: [port('x', 50_000)],
  calledSelf: undefined,
  relays: [],
};

type Row = readonly [string, Partial<NetworkEvidence>, NetworkVerdict];

const rows: readonly Row[] = [
  ['no network at all', { hosts: [], asked: [silent('a')], seen: [] }, 'offline'],
  ['nothing but the loopback', { hosts: ['127.0.0.1', '::1'], asked: [silent('a')], seen: [] }, 'offline'],
  ['an empty list', { asked: [], seen: [] }, 'unasked'],
  ['relays over TCP alone', { asked: [], seen: [], relays: ['tcp'] }, 'unasked'],
  ['silence', { asked: [silent('a'), silent('b')], seen: [] }, 'blocked'],
  ['silence, with a relay over TLS', { asked: [silent('a')], seen: [], relays: ['tls'] }, 'blocked-relayed'],
  ['silence behind a provider’s router', { hosts: ['100.64.3.4'], asked: [silent('a')], seen: [] }, 'blocked'],
  ['silence to a public address', { hosts: ['203.0.113.5'], asked: [silent('a')], seen: [] }, 'own-address'],
  ['one port for two servers', {}, 'same'],
  ['one port for two of three, one silent', { asked: [...home.asked, silent('c')] }, 'same'],
  ['two ports for two servers', { seen: [port('x', 50_000), port('x', 50_001)] }, 'strict'],
  ['two addresses for two servers', { seen: [port('x', 50_000), port('x', 50_000, '198.51.100.2')] }, 'strict'],
  ['two ports, and a relay', { seen: [port('x', 1), port('x', 2)], relays: ['udp'] }, 'strict-relayed'],
  ['two networks with a port each', { seen: [port('x', 50_000), port('y', 50_001)] }, 'same'],
  ['an address of each family', { seen: [port('x', 50_000), port('x', 50_000, '2001:db8::1')] }, 'same'],
  ['a server alone', { asked: [server('a', outside)] }, 'one-server'],
  ['one machine at two ports', { asked: [server('a', outside), server('a', outside)] }, 'one-server'],
  ['one answer of two', { asked: [server('a', outside), silent('b')] }, 'one-answer'],
  ['one answer over each family', { asked: [server('a', outside), server('b', '2001:db8::1')] }, 'one-answer'],
  ['answers that name its own address', { hosts: [outside] }, 'open'],
  ['answers that the browser keeps to itself', { hosts: [outside], asked: [server('a')], seen: [] }, 'open'],
  ['IPv6 as it is', { hosts: ['2001:db8::7'], asked: [server('a')], seen: [] }, 'open'],
  ['names instead of addresses', { hosts: ['0f8b6c1e-0f8b-4f8b-8f8b-0f8b6c1e0f8b.local'] }, 'same'],
];

describe('the kind of a network', () => {
  it.each(rows)('is told from %s', (_, evidence, verdict) => {
    expect(networkVerdict(judgeNetwork({ ...home, ...evidence }))).toBe(verdict);
  });

  it('needs two servers that answered: one that is silent proves nothing', () => {
    const seen = [port('x', 50_000)];
    expect(judgeNetwork({ ...home, seen, asked: [server('a', outside), silent('b')] }).at).not.toBe('same');
  });
});

describe('the details', () => {
  it.each([
    [true, 'yes'],
    [false, 'no'],
    [undefined, 'untold'],
  ] as const)('say whether the router returns calls: %s', (calledSelf, hairpin) => {
    expect(judgeNetwork({ ...home, calledSelf }).hairpin).toBe(hairpin);
  });

  it('do not say so where the mapping would hide it', () => {
    const strict = { ...home, seen: [port('x', 1), port('x', 2)], calledSelf: false };
    expect(judgeNetwork(strict).hairpin).toBe('untold');
  });

  it.each([
    [['192.168.1.2'], 'none', 1],
    [['192.168.1.2', 'fd00::2'], 'private', 1],
    [['192.168.1.2', '2001:db8::2'], 'public', 1],
    [['192.168.1.2', '10.0.0.2', '2001:db8::2'], 'public', 2],
    [['0f8b6c1e-0f8b-4f8b-8f8b-0f8b6c1e0f8b.local'], 'hidden', undefined],
  ] as const)('count networks and tell IPv6: %s', (hosts, ipv6, networks) => {
    const view = judgeNetwork({ ...home, hosts });
    expect([view.ipv6, view.networks]).toEqual([ipv6, networks]);
  });

  it('name the public address, the answers and each way of a relay once', () => {
    expect(judgeNetwork({ ...home, asked: [silent('c'), ...home.asked], relays: ['udp', 'udp', 'tcp'] })).toEqual({
      at: 'same',
      relays: ['udp', 'tcp'],
      asked: 3,
      answered: 2,
      publicAddress: outside,
      networks: 1,
      ipv6: 'none',
      hairpin: 'untold',
    });
  });
});
