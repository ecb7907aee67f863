// The default gateway as each system names it.

import { describe, expect, it } from 'vitest';
import {
  defaultGateway,
  gatewayInLinuxTable,
  gatewayInMacAnswer,
  gatewayInWindowsTable,
} from '../../../host/router/default-gateway.ts';
import { worthOf } from '../../../shared/lan/lan-address.ts';

const header = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT';
const linux = (...lines: string[]) => `${[header, ...lines].join('\n')}\n`;
const wifi = 'wlan0\t00000000\t0100A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0';
const cable = 'eth0\t00000000\t010AA8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0';
const local = 'eth0\t000AA8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0';

describe('the default gateway', () => {
  it('is the one that Linux prefers', () => {
    expect(gatewayInLinuxTable(linux(wifi, local, cable))).toBe('192.168.10.1');
    expect(gatewayInLinuxTable(linux(local))).toBeUndefined();
    expect(
      gatewayInLinuxTable(linux('tun0\t00000000\t00000000\t0001\t0\t0\t50\t00000000\t0\t0\t0', cable)),
    ).toBeUndefined();
  });

  it('is read from the answer of macOS', () => {
    const answer =
      '   route to: default\ndestination: default\n       mask: default\n    gateway: 192.168.1.1\n  interface: en0\n';
    expect(gatewayInMacAnswer(answer)).toBe('192.168.1.1');
    expect(gatewayInMacAnswer('    gateway: link#5\n')).toBeUndefined();
  });

  it('is read from the table of Windows in any language', () => {
    const table =
      'Aktive Routen:\r\n     Netzwerkziel    Netzwerkmaske          Gateway    Schnittstelle Metrik\r\n' +
      '          0.0.0.0          0.0.0.0      192.168.2.1     192.168.2.20     50\r\n' +
      '          0.0.0.0          0.0.0.0      192.168.1.1     192.168.1.20     25\r\n' +
      '          0.0.0.0          0.0.0.0   Auf Verbindung         10.8.0.2     99\r\n';
    expect(gatewayInWindowsTable(table)).toBe('192.168.1.1');
  });

  it('is not asked where it has a public address, or cannot be found', async () => {
    const disk = (table: string) => ({ readText: async () => table });
    const provider = 'eth0\t00000000\t012116' + '0B\t0003\t0\t0\t100\t00000000\t0\t0\t0';
    expect(await defaultGateway('linux', disk(linux(provider)))).toBeUndefined();
    const fails = { readText: () => Promise.reject(new Error('no such file')) };
    expect(await defaultGateway('linux', fails)).toBeUndefined();
    expect(await defaultGateway('aix', disk(linux(cable)))).toBeUndefined();
  });
});

describe('a public address', () => {
  it.each([
    ['11.22.33.1', 'public'],
    ['100.63.255.255', 'public'],
    ['100.64.0.2', 'shared'],
    ['100.127.255.255', 'shared'],
    ['100.128.0.0', 'public'],
    ['192.0.0.2', 'shared'],
    ['192.168.1.4', 'behind'],
    ['10.1.2.3', 'behind'],
    ['172.31.0.1', 'behind'],
    ['169.254.3.4', 'behind'],
    ['0.0.0.0', 'none'],
    ['127.0.0.1', 'none'],
    ['239.1.2.3', 'none'],
    ['255.255.255.255', 'none'],
    ['example.org', 'none'],
    ['', 'none'],
  ])('%s is %s', (address, worth) => {
    expect(worthOf(address)).toBe(worth);
  });
});
