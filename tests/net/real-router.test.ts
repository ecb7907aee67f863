// The host's router against a real miniupnpd: each way to ask opens, renews and closes real ports of a real router. No browser.

import { spawn, spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { RouterView } from '../../shared/model/router-view.ts';
import { whyNoCoturn } from './coturn.ts';
import { type Grounds, type Homes, openHomes } from './homes.ts';
import { whyNoMiniupnpd } from './miniupnpd.ts';
import { whyNoNamespaces } from './namespaces.ts';
import { startAsking } from './router-asking.ts';
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

const udp = { protocol: 'udp', port: 50_000 } as const;
const tcp = { protocol: 'tcp', port: 50_000 } as const;

describe.skipIf(why !== undefined)('a real router', { timeout: 60_000 }, () => {
  it.each(['pcp', 'nat-pmp', 'upnp'])('asked by %s opens UDP and TCP, and closes them at once', async (way) => {
    await withHomes({}, async (homes) => {
      const { ask } = startAsking(homes, way);
      const outside = { address: homes.publicAddress('a'), port: 50_000 };
      expect(await ask({ do: 'open', port: udp })).toEqual(outside);
      expect(await ask({ do: 'open', port: tcp })).toEqual(outside);
      expect(await ask({ do: 'view' })).toEqual({ at: 'opens', by: way, publicAddress: outside.address });
      const ports = (protocol: string) => ({ protocol, outside: 50_000, to: '192.168.10.2', inside: 50_000 });
      expect(homes.router('a').ports()).toEqual(expect.arrayContaining([ports('udp'), ports('tcp')]));
      await ask({ do: 'shut', port: udp });
      expect(homes.router('a').ports()).toEqual([ports('tcp')]);
      await ask({ do: 'close' });
      expect(homes.router('a').ports()).toEqual([]);
    });
  });

  it.each(['pcp', 'upnp'])('asked by %s opens pinholes of IPv6, renews them, and closes them at once', async (way) => {
    await withHomes({ onlyV6: true }, async (homes) => {
      // A lease of two seconds is renewed every second.
      const { ask } = startAsking(homes, way, 2);
      const address = addressV6('a');
      const pinhole = (protocol: 'udp' | 'tcp', port: number) => ({ protocol, port, address });
      listenIn(homes.name('a'), 50_001);
      expect(isLetIn(homes.name('b'), address, 50_001)).toBe(false);
      expect(await ask({ do: 'open', port: pinhole('udp', 50_000) })).toEqual({ address, port: 50_000 });
      expect(await ask({ do: 'open', port: pinhole('tcp', 50_001) })).toEqual({ address, port: 50_001 });
      expect(isLetIn(homes.name('b'), address, 50_001)).toBe(true);
      expect(await ask({ do: 'view' })).toEqual({ at: 'opens-v6', by: way, publicAddress: address });
      const [udpOpen, tcpOpen] = (['udp', 'tcp'] as const).map((protocol, at) => {
        const port = 50_000 + at;
        return { protocol, outside: port, to: address, inside: port };
      });
      expect(homes.router('a').ports()).toEqual([udpOpen, tcpOpen]);
      const renewed = performance.now() + 3_500;
      await expect.poll(() => performance.now() > renewed, { timeout: 10_000, interval: 200 }).toBe(true);
      expect(homes.router('a').ports()).toEqual(expect.arrayContaining([udpOpen, tcpOpen]));
      await ask({ do: 'shut', port: pinhole('udp', 50_000) });
      expect(homes.router('a').ports()).toEqual([tcpOpen]);
      await ask({ do: 'close' });
      expect(homes.router('a').ports()).toEqual([]);
    });
  });

  it('that is slow to answer has a pinhole closed all the same', async () => {
    await withHomes({ onlyV6: true }, async (homes) => {
      const { ask } = startAsking(homes, 'pcp');
      const pinhole = (port: number) => ({ protocol: 'udp', port, address: addressV6('a') }) as const;
      // It is found by now.
      await ask({ do: 'open', port: pinhole(50_000) });
      const thaw = homes.router('a').freeze();
      const opening = ask({ do: 'open', port: pinhole(50_001) });
      await new Promise((resolve) => setTimeout(resolve, 600));
      thaw();
      expect(await opening).toEqual({ address: addressV6('a'), port: 50_001 });
      await ask({ do: 'close' });
      await expect.poll(() => homes.router('a').ports()).toEqual([]);
    });
  });

  it('is found whichever way it likes, and the check says that it can', async () => {
    await withHomes({}, async (homes) => {
      const { ask } = startAsking(homes, 'pcp,nat-pmp,upnp');
      const beganMs = performance.now();
      const view = await ask<RouterView>({ do: 'check' });
      expect(view).toMatchObject({ at: 'opens', publicAddress: homes.publicAddress('a') });
      expect(performance.now() - beganMs).toBeLessThan(3_000);
      expect(homes.router('a').ports()).toEqual([]);
    });
  });

  it('that was restarted has the ports again after a renewal', async () => {
    await withHomes({}, async (homes) => {
      const { ask } = startAsking(homes, 'pcp');
      await ask({ do: 'open', port: udp });
      await homes.router('a').restart();
      expect(homes.router('a').ports()).toEqual([]);
      await ask({ do: 'renew' });
      await expect.poll(() => homes.router('a').ports().length, { timeout: 5_000 }).toBe(1);
    });
  });

  it('that does not offer it is said not to, and a provider that shares addresses is recognised', async () => {
    await withHomes({ opens: [] }, async (homes) => {
      const { ask } = startAsking(homes, 'pcp,nat-pmp,upnp');
      expect(await ask({ do: 'check' })).toEqual({ at: 'none' });
    });
    await withHomes({ shared: 'a' }, async (homes) => {
      const { ask } = startAsking(homes, 'pcp,nat-pmp,upnp');
      expect(await ask({ do: 'check' })).toEqual({ at: 'shared' });
      expect(homes.router('a').ports()).toEqual([]);
    });
    await withHomes({ onlyV6: true }, async (homes) => {
      const { ask } = startAsking(homes, 'pcp,nat-pmp,upnp');
      expect(await ask({ do: 'check' })).toMatchObject({ at: 'opens-v6', publicAddress: addressV6('a') });
      expect(homes.router('a').ports()).toEqual([]);
    });
  });
});
