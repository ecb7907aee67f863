// Which addresses of a code are contacted over the network.

import { describe, expect, it } from 'vitest';
import type { Candidate } from '../../../shared/code/link-code.ts';
import { lanAddresses } from '../../../shared/lan/lan-address.ts';

const host = (address: string): Candidate => ({
  kind: 'host',
  family: address.includes(':') ? 6 : 4,
  address,
  port: 50_000,
});

describe('the places of a delivery', () => {
  it.each(['10.0.0.1', '172.16.0.1', '172.31.255.254', '192.168.1.23', '169.254.9.9', 'fd00::1', 'fc12::9'])(
    'are private addresses like %s, at the port of the code',
    (address) => {
      expect(lanAddresses([host(address)])).toEqual([{ family: address.includes(':') ? 6 : 4, address, port: 50_000 }]);
    },
  );

  it.each([
    '8.8.8.8',
    '172.15.0.1',
    '172.32.0.1',
    '192.169.0.1',
    '100.64.0.1',
    '127.0.0.1',
    '0.0.0.0',
    '224.0.0.251',
    '2001:db8::1',
    '::1',
    'ff02::1',
  ])('never are %s', (address) => {
    expect(lanAddresses([host(address)])).toEqual([]);
  });

  it.each([1, 22, 1024, 8080, 32_767])('never have port %i, where services are', (port) => {
    expect(lanAddresses([{ ...host('192.168.1.23'), port }])).toEqual([]);
  });

  it('are host addresses only: what a server said or relays is not on this network', () => {
    expect(lanAddresses([{ kind: 'srflx', family: 4, address: '192.168.1.2', port: 50_000 }])).toEqual([]);
    expect(lanAddresses([{ kind: 'relay', family: 4, address: '10.0.0.2', port: 50_000 }])).toEqual([]);
    const named = '0f8fad5b-d9cb-469f-a165-70867728950e.local';
    expect(lanAddresses([{ kind: 'host', family: 'mdns', address: named, port: 50_000 }])).toEqual([]);
  });
});
