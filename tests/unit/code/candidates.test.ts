import { describe, expect, it } from 'vitest';
import { addressBytes, addressText } from '../../../shared/code/address.ts';
import { chooseCandidates, tellsPortsApart, usableCandidates } from '../../../shared/code/candidates.ts';
import type { Candidate } from '../../../shared/code/link-code.ts';
import { codeMaxCandidates } from '../../../shared/wire/limits.ts';
import { hostV4, hostV6, named, relayV6, srflxV4 } from './sample-codes.ts';

const host = (family: Candidate['family'], address: string, port = 50_000): Candidate => ({
  kind: 'host',
  family,
  address,
  port,
});

describe('a candidate', () => {
  it.each([
    ['loopback', host(4, '127.0.0.1')],
    ['all of this network', host(4, '0.0.0.0')],
    ['multicast', host(4, '239.1.2.3')],
    ['broadcast', host(4, '255.255.255.255')],
    ['an octal octet', host(4, '192.168.01.1')],
    ['too large an octet', host(4, '192.168.1.256')],
    ['IPv6 loopback', host(6, '::1')],
    ['IPv6 unspecified', host(6, '::')],
    ['IPv6 multicast', host(6, 'ff02::1')],
    ['IPv6 link-local', host(6, 'fe80::1')],
    ['IPv4 in IPv6', host(6, '::ffff:192.168.1.1')],
    ['IPv4 in IPv6, the old way', host(6, '::192.168.1.1')],
    ['a zone id', host(6, '2001:db8::1%eth0')],
    ['too many groups', host(6, '1:2:3:4:5:6:7:8:9')],
    ['port 0', host(4, '192.168.1.1', 0)],
    ['port 22', host(4, '192.168.1.1', 22)],
    ['port 53', host(4, '192.168.1.1', 53)],
    ['port 70000', host(4, '192.168.1.1', 70_000)],
    ['a host name', host('mdns', 'printer.local')],
    ['another domain', host('mdns', 'example.org')],
    ['a line break', host(4, '192.168.1.1\r\na=x')],
    ['a public name', { kind: 'srflx', family: 'mdns', address: named.address, port: 5000 } as unknown as Candidate],
  ])('is dropped: %s (K15)', (_why, candidate) => {
    expect(usableCandidates([candidate, hostV4])).toEqual([hostV4]);
  });

  it('is kept once, in one spelling, and at most so many', () => {
    expect(usableCandidates([host(6, '2001:DB8:0:0:0:0:0:1'), host(6, '2001:db8::1')])).toEqual([
      host(6, '2001:db8::1'),
    ]);
    const many = Array.from({ length: 5000 }, (_, at) => host(4, '10.0.0.1', 2000 + at));
    expect(usableCandidates(many)).toHaveLength(codeMaxCandidates);
  });

  it('may be loopback where a test asks for it', () => {
    const own = [host(4, '127.0.0.1'), host(6, '::1')];
    expect(usableCandidates(own, { loopback: true })).toEqual(own);
  });

  it.each(['::1', '2001:db8::1', '2001:db8:0:1::', '1:2:3:4:5:6:7:8', '1::4:0:0:7:8', 'fd00::'])(
    'keeps the shortest spelling of %s',
    (text) => {
      expect(addressText(6, addressBytes(6, text)!)).toBe(text);
    },
  );
});

describe('the choice for a short code', () => {
  it('keeps a few of each sort, temporary addresses and ordinary networks first', () => {
    const lasting = host(6, 'fd00::211:22ff:fe33:4455');
    const all = [
      relayV6,
      srflxV4,
      { ...srflxV4, port: 40_002 },
      host(4, '169.254.3.4'),
      host(4, '10.0.0.1'),
      host(4, '10.0.0.2'),
      host(4, '10.0.0.3'),
      lasting,
      hostV6,
    ];
    expect(chooseCandidates(all)).toEqual([
      host(4, '10.0.0.1'),
      host(4, '10.0.0.2'),
      host(4, '10.0.0.3'),
      hostV6,
      lasting,
      srflxV4,
      relayV6,
    ]);
    expect(chooseCandidates(all, 2)).toHaveLength(2);
  });
});

describe('a second port beside the same public address', () => {
  const again = (port: number): Candidate => ({ ...srflxV4, port });
  const homes = [host(4, '10.0.0.1'), host(4, '10.0.0.2')];
  it.each([
    ['one network, two servers, two ports', [homes[0]!, again(1025), again(1026)], [again(1025), again(1026)]],
    [
      'one network, three servers, three ports',
      [homes[0]!, ...[1, 2, 3].map((at) => again(1024 + at))],
      [again(1025), again(1026)],
    ],
    [
      'two networks, two servers, four ports',
      [...homes, ...[1, 2, 3, 4].map((at) => again(1024 + at))],
      [again(1025), again(1026)],
    ],
    ['a network that hides its address', [named, again(1025), again(1026)], [again(1025), again(1026)]],
    ['two networks behind one router, a port each', [...homes, again(1025), again(1026)], [again(1025)]],
    ['one port for everybody', [homes[0]!, again(1025)], [again(1025)]],
  ] as const)('says that every partner sees another one: %s', (_, all, kept) => {
    const chosen = chooseCandidates(all);
    expect(chosen.filter(({ kind }) => kind === 'srflx')).toEqual(kept);
    expect(tellsPortsApart(chosen)).toBe(kept.length > 1);
  });
});
