// What a page may have opened: one port of its connections, on the router's network, for as long as the page is there.

import { describe, expect, it } from 'vitest';
import { openPagePorts } from '../../../host/router/page-ports.ts';
import type { PortOfOurs, Router } from '../../../host/router/router.ts';

function bench() {
  const calls: string[] = [];
  let tellOwn: (address: string | undefined) => void = () => undefined;
  const router: Router = {
    view: () => ({ at: 'off' }),
    ownAddress: () => new Promise((resolve) => (tellOwn = resolve)),
    open: async ({ protocol, port }) => {
      calls.push(`open ${protocol} ${port}`);
      return { address: '11.22.33.1', port };
    },
    shut: async ({ protocol, port }) => void calls.push(`shut ${protocol} ${port}`),
    shutAll: async () => void calls.push('shut all'),
    outsideOf: () => undefined,
    renew: () => undefined,
    networkChanged: () => undefined,
    settingChanged: async () => undefined,
    async check(probe) {
      const port: PortOfOurs & { release(): void } = await probe();
      port.release();
      return { at: port.port >= 32_768 && port.protocol === 'udp' ? 'none' : 'refused' };
    },
    close: async () => undefined,
  };
  return { calls, page: openPagePorts(router), tellOwn: (address?: string) => tellOwn(address) };
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
    tellOwn(own);
    expect(await opening).toEqual(port === undefined ? null : { address: '11.22.33.1', port });
    expect(calls).toEqual(port === undefined ? [] : [`open udp ${port}`]);
  });

  it('are not opened any more once the page is gone, and closed all', async () => {
    const { calls, page, tellOwn } = bench();
    const opening = page.open([{ address: '192.168.1.9', port: 50_000 }]);
    await page.gone();
    tellOwn('192.168.1.9');
    expect(await opening).toBeNull();
    expect(calls).toEqual(['shut all']);
  });

  it('are closed with their connection', async () => {
    const { calls, page } = bench();
    await page.shut([50_000, 50_001]);
    expect(calls).toEqual(['shut udp 50000', 'shut udp 50001']);
  });

  it('are tried by the check with a port of our own on which nobody listens', async () => {
    expect(await bench().page.check()).toEqual({ at: 'none' });
  });
});
