// Which addresses are on a network of this computer, by its interfaces' netmasks, and which of them are on the same one.

import { describe, expect, it } from 'vitest';
import { addressesByNetwork, isOnOwnNetwork } from '../../../host/lan/own-addresses.ts';

const interfaces = [
  { address: '192.168.1.23', netmask: '255.255.255.0' },
  { address: '10.8.0.2', netmask: '255.255.255.255' },
  { address: '172.16.5.4', netmask: '255.255.240.0' },
  { address: 'fd00:1::5', netmask: 'ffff:ffff:ffff:ffff::' },
];

describe('a network of this computer', () => {
  it.each([
    [4, '192.168.1.1'],
    [4, '192.168.1.255'],
    [4, '172.16.15.1'],
    [6, 'fd00:1::99'],
  ] as const)('has IPv%i %s', (family, address) => {
    expect(isOnOwnNetwork(family, address, interfaces)).toBe(true);
  });

  it.each([
    [4, '192.168.2.1'],
    [4, '10.8.0.1'],
    [4, '172.16.16.1'],
    [4, '10.0.0.1'],
    [6, 'fd00:1:0:1::5'],
    [6, 'fe80::1'],
    [4, 'fd00:1::99'],
    [6, 'no address'],
  ] as const)('has no IPv%i %s', (family, address) => {
    expect(isOnOwnNetwork(family, address, interfaces)).toBe(false);
  });
});

it('groups this computer’s addresses by network, without those that no other network reaches', () => {
  const [v4, v6] = [{ family: 'IPv4', internal: false } as const, { family: 'IPv6', internal: false } as const];
  const found = addressesByNetwork({
    lo: [{ address: '127.0.0.1', family: 'IPv4', internal: true }],
    eth0: [
      { address: '192.168.1.23', ...v4 },
      { address: '192.168.7.1', ...v4 },
      { address: '2001:DB8:0::5', ...v6 },
      { address: '2001:db8::99', ...v6 },
      { address: 'fd00:1::5', ...v6 },
      { address: 'fe80::1', ...v6 },
    ],
    wlan0: [{ address: '2001:db8::6', ...v6 }],
    tun0: undefined,
  });
  expect(found).toEqual([
    ['192.168.1.23'],
    ['192.168.7.1'],
    ['2001:db8::5', '2001:db8::99'],
    ['fd00:1::5'],
    ['2001:db8::6'],
  ]);
});
