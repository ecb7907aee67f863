// What a page may have opened: one port of its connections, on the router's network, for as long as the page is there.

import type { Socket } from 'node:dgram';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { describe, expect, it, vi } from 'vitest';
import { openPagePorts } from '../../../host/router/page-ports.ts';
import type { PortOfOurs, Router } from '../../../host/router/router.ts';
import { routerMappingsMax } from '../../../shared/wire/limits.ts';

function bench(probed?: string) {
  const calls: string[] = [];
  let checks = 0;
  let tellOwn: (addresses: readonly string[]) => void = () => undefined;
  const router: Router = {
    view: () => ({ at: 'off' }),
    ownAddresses: () => new Promise((resolve) => (tellOwn = resolve)),
    open: async ({ protocol, port, address = '' }) => {
      calls.push(`open ${protocol} ${port} ${address}`.trim());
      return { address: address || '11.22.33.1', port };
    },
    shut: async ({ protocol, port, address = '' }) => void calls.push(`shut ${protocol} ${port} ${address}`.trim()),
    outsideOf: () => undefined,
    wantedAddresses: () => [],
    renew: () => undefined,
    networkChanged: () => undefined,
    settingChanged: async () => undefined,
    async check(probe) {
      checks += 1;
      const port: PortOfOurs & { release(): void } = await probe(probed);
      port.release();
      return { at: port.port >= 32_768 && port.protocol === 'udp' ? 'none' : 'refused' };
    },
    close: async () => undefined,
  };
  return {
    calls,
    checks: () => checks,
    page: openPagePorts(router),
    next: openPagePorts(router),
    tellOwn: (...addresses: string[]) => tellOwn(addresses),
  };
}

const hidden = '01234567-89ab-cdef-0123-456789abcdef.local';

describe('the ports of a page', () => {
  it.each([
    ['the one on the router’s network', ['10.0.0.5', '192.168.1.9'], '192.168.1.9', 50_001],
    ['a hidden one, where no other fits', ['10.0.0.5', hidden], '192.168.1.9', 50_001],
    ['none where none fits', ['10.0.0.5'], '192.168.1.9', undefined],
    ['none where no router is asked', ['192.168.1.9', hidden], undefined, undefined],
  ])('are opened: %s', async (_, addresses, own, port) => {
    const { calls, page, tellOwn } = bench();
    const opening = page.open(addresses.map((address, at) => ({ address, port: 50_000 + at })));
    tellOwn(...(own === undefined ? [] : [own]));
    expect(await opening).toEqual(port === undefined ? [] : [{ address: '11.22.33.1', port }]);
    expect(calls).toEqual(port === undefined ? [] : [`open udp ${port}`]);
  });

  it('are not opened any more once the page is gone', async () => {
    const { calls, page, tellOwn } = bench();
    const opening = page.open([{ address: '192.168.1.9', port: 50_000 }]);
    await page.gone();
    tellOwn('192.168.1.9');
    expect(await opening).toEqual([]);
    expect(calls).toEqual([]);
  });

  it('are closed with it, and those of the page after it stay', async () => {
    const { calls, page, next, tellOwn } = bench();
    const opening = page.open([{ address: '192.168.1.9', port: 50_000 }]);
    tellOwn('192.168.1.9');
    await opening;
    const openingNext = next.open([{ address: '192.168.1.9', port: 50_001 }]);
    tellOwn('192.168.1.9');
    await openingNext;
    await page.gone();
    expect(calls).toEqual(['open udp 50000', 'open udp 50001', 'shut udp 50000']);
  });

  it('are opened in both families, of IPv6 as many as a code has room for', async () => {
    const { calls, page, tellOwn } = bench();
    const hosts = ['2a00::9', '192.168.1.9', '2a00::1', '2a00::2', '2a00::3'];
    const opening = page.open(hosts.map((address, at) => ({ address, port: 50_000 + at })));
    tellOwn('192.168.1.9', '2a00::1', '2a00::2', '2a00::3');
    expect(await opening).toEqual([
      { address: '11.22.33.1', port: 50_001 },
      { address: '2a00::1', port: 50_002 },
      { address: '2a00::2', port: 50_003 },
    ]);
    expect(calls).toEqual(['open udp 50001', 'open udp 50002 2a00::1', 'open udp 50003 2a00::2']);
  });

  it('are closed with their connection, and not opened any more where that was quicker', async () => {
    const { calls, page, tellOwn } = bench();
    const open = page.open([
      { address: '192.168.1.9', port: 50_000 },
      { address: '2a00::1', port: 50_001 },
    ]);
    tellOwn('192.168.1.9', '2a00::1');
    await open;
    await page.shut([50_000, 50_001]);
    expect(calls.slice(2)).toEqual(['shut udp 50000', 'shut udp 50001 2a00::1']);
    const late = page.open([{ address: '192.168.1.9', port: 50_002 }]);
    await page.shut([50_002]);
    tellOwn('192.168.1.9');
    expect(await late).toEqual([]);
    expect(calls.length).toBe(4);
  });

  it('are few, however often a page that was taken over asks', async () => {
    const { calls, page, tellOwn } = bench();
    for (let nth = 0; nth < 200; nth += 1) {
      const opening = page.open([{ address: '192.168.1.9', port: 40_000 + (nth % 100) }]);
      tellOwn('192.168.1.9');
      await opening;
    }
    expect(new Set(calls.map((call) => call.split(' ')[2])).size).toBe(2 * routerMappingsMax);
    calls.length = 0;
    await page.shut(Array.from({ length: 100 }, (_, nth) => 40_000 + nth));
    expect(calls).toHaveLength(2 * routerMappingsMax);
  });

  it('are tried by one check at a time', async () => {
    const { page, checks } = bench();
    await Promise.all([page.check(), page.check(), page.check()]);
    expect(checks()).toBe(1);
    await page.check();
    expect(checks()).toBe(2);
  });

  it('are tried by the check with a port of our own on which nobody listens', async () => {
    expect(await bench().page.check()).toEqual({ at: 'none' });
  });

  it('leave no socket open where the system gives the check no port', async () => {
    const open = new Set<Socket>();
    let opened = 0;
    const onSocket = (message: unknown) => {
      const { socket } = message as { socket: Socket };
      opened += 1;
      open.add(socket);
      socket.once('close', () => open.delete(socket));
    };
    subscribe('udp.socket', onSocket);
    await expect(bench('2001:db8::1').page.check()).rejects.toThrow();
    unsubscribe('udp.socket', onSocket);
    expect(opened).toBe(1);
    await vi.waitFor(() => expect(open.size).toBe(0));
  });
});
