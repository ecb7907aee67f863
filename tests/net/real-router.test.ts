// The host's router against a real miniupnpd: each way to ask opens, renews and closes real ports of a real router. No browser.

import { spawn, spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { PortOfOurs, PortOutside } from '../../host/router/router.ts';
import type { RouterView } from '../../shared/model/router-view.ts';
import { routerAskMs } from '../../shared/wire/limits.ts';
import { whyNoCoturn } from './coturn.ts';
import { type Grounds, type Homes, openHomes } from './homes.ts';
import { whyNoMiniupnpd } from './miniupnpd.ts';
import { whyNoNamespaces } from './namespaces.ts';
import { type Asking, startAsking } from './router-asking.ts';
import { addressV6 } from './v6-home.ts';

const why = whyNoNamespaces() ?? whyNoCoturn() ?? whyNoMiniupnpd();
if (why !== undefined) console.log(`The tests with a real router are skipped: ${why}.`);

async function withHomes(grounds: Partial<Grounds>, use: (homes: Homes) => Promise<void>): Promise<void> {
  const homes = await openHomes({ a: 'random', b: 'same', opens: ['a'], ...grounds });
  try {
    await use(homes);
  } finally {
    homes.close();
  }
}

/** Until its namespace is gone. */
function listenIn(namespace: string, port: number): void {
  const program = `require('node:net').createServer((socket) => socket.end()).listen(${port}, '::')`;
  spawn('ip', ['netns', 'exec', namespace, process.execPath, '-e', program], { stdio: 'ignore' });
}

function isLetIn(namespace: string, address: string, port: number): boolean {
  const program = `const socket = require('node:net').connect(${port}, '${address}', () => process.exit(0));
    socket.on('error', () => process.exit(1)); setTimeout(() => process.exit(1), 1_000);`;
  return spawnSync('ip', ['netns', 'exec', namespace, process.execPath, '-e', program]).status === 0;
}

/** Nobody is made to wait long for a port, so on a busy machine the answer may be that it is not open yet. */
async function opened({ ask }: Pick<Asking, 'ask'>, port: PortOfOurs): Promise<PortOutside | null> {
  const soon = await ask<PortOutside | null>({ do: 'open', port });
  if (soon !== null) return soon;
  await expect.poll(() => ask({ do: 'outside', port })).not.toBeNull();
  return ask({ do: 'outside', port });
}

const udp = { protocol: 'udp', port: 50_000 } as const;
const tcp = { protocol: 'tcp', port: 50_000 } as const;
const pinhole = (protocol: 'udp' | 'tcp', port: number) => ({ protocol, port, address: addressV6('a') });
const openPinhole = (protocol: 'udp' | 'tcp', port: number) => ({
  protocol,
  outside: port,
  to: addressV6('a'),
  inside: port,
});

describe.skipIf(why !== undefined)('a real router', { timeout: 60_000 }, () => {
  it.each(['pcp', 'nat-pmp', 'upnp'])('asked by %s opens UDP and TCP, and closes them at once', async (way) => {
    await withHomes({}, async (homes) => {
      const asking = startAsking(homes, way);
      const { ask } = asking;
      const outside = { address: homes.publicAddress('a'), port: 50_000 };
      expect(await opened(asking, udp)).toEqual(outside);
      expect(await opened(asking, tcp)).toEqual(outside);
      expect(await ask({ do: 'view' })).toEqual({ at: 'opens', by: way, publicAddress: outside.address });
      const ports = (protocol: string) => ({ protocol, outside: 50_000, to: '192.168.10.2', inside: 50_000 });
      expect(homes.router('a').ports()).toEqual(expect.arrayContaining([ports('udp'), ports('tcp')]));
      // Long before its lease of minutes ends.
      await ask({ do: 'shut', port: udp });
      await expect.poll(() => homes.router('a').ports()).toEqual([ports('tcp')]);
      await ask({ do: 'close' });
      await expect.poll(() => homes.router('a').ports()).toEqual([]);
    });
  });

  it.each(['pcp', 'upnp'])('asked by %s opens pinholes of IPv6, and closes them at once', async (way) => {
    await withHomes({ onlyV6: true }, async (homes) => {
      const asking = startAsking(homes, way);
      const { ask } = asking;
      const address = addressV6('a');
      listenIn(homes.name('a'), 50_001);
      expect(isLetIn(homes.name('b'), address, 50_001)).toBe(false);
      expect(await opened(asking, pinhole('udp', 50_000))).toEqual({ address, port: 50_000 });
      expect(await opened(asking, pinhole('tcp', 50_001))).toEqual({ address, port: 50_001 });
      await expect.poll(() => isLetIn(homes.name('b'), address, 50_001)).toBe(true);
      expect(await ask({ do: 'view' })).toEqual({ at: 'opens-v6', by: way, publicAddress: address });
      expect(homes.router('a').ports()).toEqual([openPinhole('udp', 50_000), openPinhole('tcp', 50_001)]);
      await ask({ do: 'shut', port: pinhole('udp', 50_000) });
      await expect.poll(() => homes.router('a').ports()).toEqual([openPinhole('tcp', 50_001)]);
      await ask({ do: 'close' });
      await expect.poll(() => homes.router('a').ports()).toEqual([]);
    });
  });

  it.each(['pcp', 'upnp'])('asked by %s renews pinholes of IPv6', async (way) => {
    await withHomes({ onlyV6: true }, async (homes) => {
      // A lease of four seconds is renewed every two.
      const asking = startAsking(homes, way, 4);
      await opened(asking, pinhole('udp', 50_000));
      await opened(asking, pinhole('tcp', 50_001));
      const leasesEnded = performance.now() + 6_000;
      await expect.poll(() => performance.now() > leasesEnded, { interval: 200 }).toBe(true);
      // A renewal by PCP closes a pinhole and opens it again: a look in between finds it closed.
      await expect
        .poll(() => homes.router('a').ports())
        .toEqual(expect.arrayContaining([openPinhole('udp', 50_000), openPinhole('tcp', 50_001)]));
    });
  });

  it('that is slow to answer has a pinhole closed all the same', async () => {
    await withHomes({ onlyV6: true }, async (homes) => {
      const asking = startAsking(homes, 'pcp');
      // It is found by now.
      await opened(asking, pinhole('udp', 50_000));
      const thaw = homes.router('a').freeze();
      const opening = opened(asking, pinhole('udp', 50_001));
      await new Promise((resolve) => setTimeout(resolve, 600));
      thaw();
      expect(await opening).toEqual({ address: addressV6('a'), port: 50_001 });
      await asking.ask({ do: 'close' });
      await expect.poll(() => homes.router('a').ports()).toEqual([]);
    });
  });

  it('that opens a port by UPnP after it was given up has it closed all the same', async () => {
    await withHomes({}, async (homes) => {
      const asking = startAsking(homes, 'upnp');
      // It is found by now.
      await opened(asking, udp);
      const before = homes.router('a').ports();
      const thaw = homes.router('a').freeze();
      // Nobody is made to wait for long; the question is on its way.
      expect(await asking.ask({ do: 'open', port: tcp })).toBeNull();
      const shutting = asking.ask({ do: 'shut', port: tcp });
      await new Promise((resolve) => setTimeout(resolve, 100));
      thaw();
      await shutting;
      // Answered after what was asked before.
      const next = { protocol: 'udp', port: 50_001 } as const;
      await opened(asking, next);
      await asking.ask({ do: 'shut', port: next });
      expect(homes.router('a').ports()).toEqual(before);
    });
  });

  it('that opens a port by UPnP after it was waited for has it closed once nobody needs it', async () => {
    await withHomes({}, async (homes) => {
      const { ask } = startAsking(homes, 'upnp');
      await opened({ ask }, udp);
      const before = homes.router('a').ports();
      const thaw = homes.router('a').freeze();
      expect(await ask({ do: 'open', port: tcp })).toBeNull();
      // It is not waited for any more; the other port is open all the same.
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      expect(await ask({ do: 'view' })).toMatchObject({ at: 'opens' });
      thaw();
      await expect.poll(() => homes.router('a').ports().length).toBe(before.length + 1);
      await ask({ do: 'shut', port: tcp });
      expect(homes.router('a').ports()).toEqual(before);
    });
  });

  it('that is busy when a port is wanted opens it once it answers, though nobody asks for it again', async () => {
    await withHomes({}, async (homes) => {
      const thaw = homes.router('a').freeze();
      const { ask } = startAsking(homes, 'pcp,nat-pmp,upnp');
      expect(await ask({ do: 'open', port: udp })).toBeNull();
      await expect.poll(() => ask({ do: 'view' }), { timeout: 10_000, interval: 100 }).toEqual({ at: 'none' });
      thaw();
      await expect.poll(() => ask({ do: 'outside', port: udp }), { timeout: 20_000, interval: 200 }).not.toBeNull();
      expect(homes.router('a').ports().length).toBe(1);
      await ask({ do: 'close' });
      await expect.poll(() => homes.router('a').ports()).toEqual([]);
    });
  });

  it('is found whichever way it likes, and the check says that it can', async () => {
    await withHomes({}, async (homes) => {
      const { ask } = startAsking(homes, 'pcp,nat-pmp,upnp');
      // It has started by now.
      await ask({ do: 'view' });
      const beganMs = performance.now();
      const view = await ask<RouterView>({ do: 'check' });
      expect(view).toMatchObject({ at: 'opens', publicAddress: homes.publicAddress('a') });
      expect(performance.now() - beganMs).toBeLessThan(2 * routerAskMs);
      await expect.poll(() => homes.router('a').ports()).toEqual([]);
    });
  });

  it('that was restarted has the ports again after a renewal', async () => {
    await withHomes({}, async (homes) => {
      const asking = startAsking(homes, 'pcp');
      await opened(asking, udp);
      await homes.router('a').restart();
      expect(homes.router('a').ports()).toEqual([]);
      await asking.ask({ do: 'renew' });
      await expect.poll(() => homes.router('a').ports().length).toBe(1);
    });
  });

  it('that does not offer it is said not to', async () => {
    await withHomes({ opens: [] }, async (homes) => {
      const { ask } = startAsking(homes, 'pcp,nat-pmp,upnp');
      expect(await ask({ do: 'check' })).toEqual({ at: 'none' });
    });
  });

  it('of a provider that shares addresses is recognised', async () => {
    await withHomes({ shared: 'a' }, async (homes) => {
      const { ask } = startAsking(homes, 'pcp,nat-pmp,upnp');
      expect(await ask({ do: 'check' })).toEqual({ at: 'shared' });
      await expect.poll(() => homes.router('a').ports()).toEqual([]);
    });
  });

  it('of a home with IPv6 alone is said to open pinholes', async () => {
    await withHomes({ onlyV6: true }, async (homes) => {
      const { ask } = startAsking(homes, 'pcp,nat-pmp,upnp');
      expect(await ask({ do: 'check' })).toMatchObject({ at: 'opens-v6', publicAddress: addressV6('a') });
      await expect.poll(() => homes.router('a').ports()).toEqual([]);
    });
  });
});
