// On which of its addresses this computer lets a phone in.

import { expect, it } from 'vitest';
import { phonePlace } from '../../../host/lan/phone-place.ts';

const v4 = (address: string, netmask = '255.255.255.0') => ({ address, netmask, family: 'IPv4' });
const v6 = (address: string) => ({ address, netmask: 'ffff:ffff:ffff:ffff::', family: 'IPv6' });
const find = (interfaces: Parameters<typeof phonePlace>[1], gateway?: string) =>
  phonePlace(gateway, interfaces)?.address;

it('is the one on the network of the default gateway', () => {
  const interfaces = { eth0: [v4('10.0.0.5')], wlan0: [v4('192.168.1.7')] };
  expect(find(interfaces, '192.168.1.7')).toBe('192.168.1.7');
  expect(find(interfaces)).toBe('10.0.0.5');
});

it('is no network inside this computer, no tunnel and no address that nobody gave, while there is another', () => {
  const others = { docker0: [v4('172.17.0.1')], tun0: [v4('10.8.0.2')], eth1: [v4('169.254.3.4', '255.255.0.0')] };
  expect(find({ ...others, wlan0: [v4('192.168.1.7')] })).toBe('192.168.1.7');
  expect(find({ ...others, wlan0: [v6('fd00::7')] })).toBe('fd00::7');
  expect(find(others)).toBe('169.254.3.4');
});

it.each([
  ['loopback', v4('127.0.0.1', '255.0.0.0')],
  ['a public address', v4('93.184.216.34')],
  ['an address that a provider shares', v4('100.64.0.9')],
  ['a network of one address', v4('10.0.0.5', '255.255.255.255')],
  ['a link-local address of IPv6', v6('fe80::1')],
  ['a public address of IPv6', v6('2001:db8::1')],
])('is never %s', (_, address) => {
  expect(find({ eth0: [address] })).toBeUndefined();
});
