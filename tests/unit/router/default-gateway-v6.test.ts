// The default gateway of IPv6 as each system names it.

import { describe, expect, it } from 'vitest';
import {
  defaultGatewayV6,
  gatewayV6InLinuxTable,
  gatewayV6InMacAnswer,
  gatewayV6InWindowsTable,
} from '../../../host/router/default-gateway-v6.ts';
import { isPublicV6 } from '../../../shared/lan/lan-address.ts';

const nobody = '0'.repeat(32);
const gateway = (last: number) => `fe80${'0'.repeat(27)}${last}`;
const route = (hop: string, metric: string, device: string, to = nobody, length = '00') =>
  `${to} ${length} ${nobody} 00 ${hop} ${metric} 00000001 00000000 00000003     ${device}`;

describe('the default gateway of IPv6', () => {
  it('is the one that Linux prefers', () => {
    const table = [
      route(nobody, '00000100', 'eth0', '2a0a0001000200100000000000000000', '40'),
      route(gateway(1), '00000400', 'wlan0'),
      route(gateway(2), '00000064', 'eth0'),
      route(nobody, 'ffffffff', 'lo'),
    ].join('\n');
    expect(gatewayV6InLinuxTable(table)).toEqual({ address: 'fe80::2', zone: 'eth0' });
    expect(gatewayV6InLinuxTable(route(nobody, 'ffffffff', 'lo'))).toBeUndefined();
    expect(gatewayV6InLinuxTable('')).toBeUndefined();
  });

  it('is read from the answer of macOS', () => {
    const answer =
      '   route to: ::\ndestination: ::\n       mask: default\n    gateway: fe80::1%en0\n  interface: en0\n      flags: <UP>\n';
    expect(gatewayV6InMacAnswer(answer)).toEqual({ address: 'fe80::1', zone: 'en0' });
    expect(gatewayV6InMacAnswer('    gateway: link#5\n  interface: utun0\n')).toBeUndefined();
  });

  it('is read from the table of Windows in any language', () => {
    const table =
      'Aktive Routen:\r\n If Metrik Netzwerkziel             Gateway\r\n' +
      '  7    281 ::/0                     fe80::2\r\n 12     46 ::/0                     fe80::1\r\n' +
      ' 20     11 ::/0                     Auf Verbindung\r\n';
    expect(gatewayV6InWindowsTable(table)).toEqual({ address: 'fe80::1', zone: '12' });
  });

  it('is not asked where it has a public address, cannot be found, or is on no network with a public address of ours', async () => {
    const disk = (table: string) => ({ readText: async () => table });
    expect(await defaultGatewayV6('linux', disk(route(`2a0a${'0'.repeat(27)}1`, '00000064', 'lo')))).toBeUndefined();
    expect(await defaultGatewayV6('linux', disk(route(gateway(1), '00000064', 'lo')))).toBeUndefined();
    expect(await defaultGatewayV6('linux', { readText: () => Promise.reject(new Error('no file')) })).toBeUndefined();
    expect(await defaultGatewayV6('aix', disk(''))).toBeUndefined();
  });
});

it.each([
  ['2a00::9', true],
  ['3fff::9', true],
  ['2001:4860::1', true],
  ['2001:db8::1', false],
  ['2001:0:1::1', false],
  ['2002:c0a8:101::1', false],
  ['fd00::1', false],
  ['fe80::1', false],
  ['64:ff9b::1', false],
  ['::1', false],
  ['11.22.33.1', false],
])('%s is a public address: %s', (address, isPublic) => {
  expect(isPublicV6(address)).toBe(isPublic);
});
