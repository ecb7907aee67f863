// Which addresses are on a network of this computer, by its interfaces' netmasks.

import { describe, expect, it } from 'vitest';
import { isOnOwnNetwork } from '../../../host/lan/own-addresses.ts';

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
