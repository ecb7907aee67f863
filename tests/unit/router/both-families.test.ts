// One router for two families: which of the two a port goes to, and what is said of both.

import { describe, expect, it } from 'vitest';
import { openBothFamilies, viewOfBoth } from '../../../host/router/both-families.ts';
import type { PortId } from '../../../host/router/gateway-place.ts';
import { lanePorts, replyPorts } from '../../../host/router/outside-ports.ts';
import type { Router } from '../../../host/router/router.ts';
import type { RouterView } from '../../../shared/model/router-view.ts';
import { settled } from '../link/virtual-clock.ts';

const opens: RouterView = { at: 'opens', by: 'pcp', publicAddress: '11.22.33.1' };
const opensV6: RouterView = { at: 'opens', by: 'upnp', publicAddress: '2a00::9' };
const at = (name: 'off' | 'asking' | 'none' | 'refused' | 'shared' | 'behind') => ({ at: name }) as const;

function bench() {
  const calls: string[] = [];
  const tell: Partial<Record<4 | 6, (view: RouterView) => void>> = {};
  const shown: RouterView[] = [];
  const outside = new Map([['udp 50000', 50_100]]);
  const make = (family: 4 | 6, onView: (view: RouterView) => void): Router => {
    tell[family] = onView;
    const note =
      (what: string) =>
      async ({ protocol, port, address = '' }: PortId) =>
        void calls.push(`${family} ${what} ${protocol} ${port} ${address}`.trim());
    const noteAll = (what: string) => async () => void calls.push(`${family} ${what}`);
    return {
      view: () => ({ at: 'off' }),
      ownAddresses: async () => (family === 4 ? ['192.168.1.9'] : ['2a00::9']),
      open: async (port) => {
        await note('open')(port);
        return undefined;
      },
      shut: note('shut'),
      outsideOf: ({ protocol, port }) => {
        const number = family === 4 ? outside.get(`${protocol} ${port}`) : undefined;
        return number === undefined ? undefined : { address: '11.22.33.1', port: number };
      },
      wantedAddresses: () => (family === 4 ? [] : ['2a00::9', '2a00::8']),
      renew: () => void calls.push(`${family} renew`),
      networkChanged: () => void calls.push(`${family} network`),
      settingChanged: noteAll('setting'),
      async check(probe) {
        const { port, address } = await probe(family === 4 ? undefined : '2a00::9');
        calls.push(`${family} check ${port} ${address ?? ''}`.trim());
        const view = family === 4 ? at('none') : opensV6;
        onView(view);
        return view;
      },
      close: noteAll('close'),
    };
  };
  const router = openBothFamilies(make, (view) => shown.push(view));
  return { calls, router, shown, tell };
}

describe('the router of both families', () => {
  it('has ports with an address opened as pinholes, and all others in IPv4', async () => {
    const { calls, router } = bench();
    await router.open({ protocol: 'udp', port: 50_000 });
    await router.open({ protocol: 'udp', port: 50_001, address: '2a00::9' });
    await router.shut({ protocol: 'udp', port: 50_001, address: '2a00::9' });
    expect(calls).toEqual(['4 open udp 50000', '6 open udp 50001 2a00::9', '6 shut udp 50001 2a00::9']);
    expect(await router.ownAddresses()).toEqual(['192.168.1.9', '2a00::9']);
  });

  it('says once what is new of both', () => {
    const { shown, tell } = bench();
    tell[4]!(at('asking'));
    tell[6]!(at('asking'));
    tell[6]!(opensV6);
    tell[4]!(at('shared'));
    tell[4]!(opens);
    expect(shown).toEqual([at('asking'), { ...opensV6, at: 'opens-v6' }, opens]);
  });

  it('is checked in both, of IPv6 with a port at a public address', async () => {
    const { calls, router } = bench();
    const probe = async (address?: string) => ({
      ...{ protocol: 'udp' as const, port: 50_000, release: () => undefined },
      ...(address === undefined ? {} : { address }),
    });
    expect(await router.check(probe)).toEqual({ ...opensV6, at: 'opens-v6' });
    expect(calls.sort()).toEqual(['4 check 50000', '6 check 50000 2a00::9']);
  });

  it('is said by a check as it is at the end of that, though one of both was done before', async () => {
    const { router, tell } = bench();
    const slow = Promise.withResolvers<void>();
    const probe = async (address?: string) => {
      if (address !== undefined) await slow.promise;
      return { protocol: 'udp' as const, port: 50_000, release: () => undefined };
    };
    const checking = router.check(probe);
    await settled();
    tell[4]!(opens);
    slow.resolve();
    expect(await checking).toEqual(opens);
  });

  it.each([
    [opens, opensV6, opens],
    [opens, at('asking'), opens],
    [at('asking'), opensV6, at('asking')],
    [at('none'), at('asking'), at('asking')],
    [at('shared'), opensV6, { ...opensV6, at: 'opens-v6' as const }],
    [at('shared'), at('none'), at('shared')],
    [at('behind'), at('refused'), at('behind')],
    [at('none'), at('refused'), at('refused')],
    [at('none'), at('off'), at('none')],
    [at('off'), at('off'), at('off')],
  ])('of %o and %o says %o', (v4, v6, said) => {
    expect(viewOfBoth(v4, v6)).toEqual(said);
  });
});

describe('a TCP port', () => {
  it('for replies is opened at the number that the code gives, or as a pinhole, and shut', () => {
    const { calls, router } = bench();
    const ports = replyPorts(router);
    ports.open(50_000);
    ports.open(50_001);
    ports.open(50_002, '2a00::9');
    ports.shut(50_000);
    ports.shut(50_002, '2a00::9');
    expect(calls).toEqual([
      '4 open tcp 50000',
      '6 open tcp 50002 2a00::9',
      '4 shut tcp 50000',
      '6 shut tcp 50002 2a00::9',
    ]);
  });

  it('of the direct lane is opened at each address that the link may use, and shut at the same', () => {
    const { calls, router } = bench();
    const ports = lanePorts(router);
    ports.open(50_000);
    const open = ['4 open tcp 50000', '6 open tcp 50000 2a00::9', '6 open tcp 50000 2a00::8'];
    expect(calls).toEqual(open);
    ports.shut(50_000);
    expect(calls.slice(3)).toEqual(open.map((call) => call.replace('open', 'shut')));
  });
});
