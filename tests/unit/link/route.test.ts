// What people are told of the way their bytes go, for the pairs of candidates that real links ended on.

import { describe, expect, it } from 'vitest';
import { routeOf } from '../../../link/route.ts';

const side = (candidateType: string, address?: string) => ({
  candidateType,
  ...(address === undefined ? {} : { address }),
});
const kindOf = (local: ReturnType<typeof side>, remote: ReturnType<typeof side>) =>
  routeOf({ local, remote, roundTripMs: undefined }).kind;

describe('the route', () => {
  it.each([
    ['addresses of one home', side('host', '192.168.10.2'), side('host', '192.168.10.3'), 'same-network'],
    [
      'addresses that mDNS hides',
      side('host'),
      side('host', '6ba7b810-9dad-11d1-80b4-00c04fd430c8.local'),
      'same-network',
    ],
    ['a home and a peer known from its checks', side('host', '10.0.0.2'), side('prflx', ''), 'same-network'],
    ['a public machine and a peer known from its checks', side('host', '203.0.113.5'), side('prflx', ''), 'direct'],
    ['a home seen from outside', side('srflx', '198.51.100.1'), side('srflx', '198.51.100.2'), 'direct'],
    ['a strict router and an open one', side('srflx', '198.51.100.1'), side('prflx', ''), 'direct'],
    ['public IPv6', side('host', '2001:db8:0:1::1'), side('host', '2001:db8:0:2::1'), 'direct'],
    ['public IPv6 of one home', side('host', '2001:db8:0:1::1'), side('host', '2001:db8:0:1:a:b:c:d'), 'same-network'],
    ['public IPv6 of one home, cut short', side('host', '2001:db8::1'), side('prflx', '2001:db8::2'), 'same-network'],
    ['one public machine and itself', side('host', '203.0.113.5'), side('host', '203.0.113.5'), 'same-network'],
    ['two public machines', side('host', '203.0.113.5'), side('host', '203.0.113.6'), 'direct'],
    ['two homes behind one router', side('srflx', '198.51.100.1'), side('srflx', '198.51.100.1'), 'direct'],
    ['our relay', side('relay', '198.51.100.10'), side('prflx', ''), 'relayed'],
    ['their relay', side('prflx', '198.51.100.2'), side('relay', '198.51.100.10'), 'relayed'],
  ])('between %s', (_, local, remote, kind) => {
    expect(kindOf(local, remote)).toBe(kind);
  });

  it('keeps the round trip where it was measured', () => {
    const [local, remote] = [side('host', '10.0.0.2'), side('host', '10.0.0.3')];
    expect(routeOf({ local, remote, roundTripMs: 1.5 })).toEqual({ kind: 'same-network', roundTripMs: 1.5 });
  });
});
