// The network check against real routers and a real coturn: what it says of a home must be what the router does.

import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { networkVerdict } from '../../shared/model/network-view.ts';
import type { ServerEntry } from '../../shared/model/server-entry.ts';
import { turnUser, whyNoCoturn } from './coturn.ts';
import { type Homes, type Mapping, openHomes } from './homes.ts';
import { type LinkBrowser, openBrowser } from './link-browser.ts';
import { whyNoNamespaces } from './namespaces.ts';

const why = whyNoNamespaces() ?? whyNoCoturn();
if (why !== undefined) console.log(`The tests of the network check are skipped: ${why}.`);

async function check({ page }: LinkBrowser, servers: readonly ServerEntry[]) {
  const view = await page.evaluate((list) => window.links.checkNetwork(list), servers);
  return { ...view, verdict: networkVerdict(view) };
}

type Place = { readonly homes: Homes; readonly a: LinkBrowser; readonly b: LinkBrowser; readonly two: ServerEntry[] };

async function betweenHomes(
  mappings: readonly [Mapping, Mapping],
  use: (place: Place) => Promise<void>,
): Promise<void> {
  const homes = await openHomes({ a: mappings[0], b: mappings[1] });
  const browsers: LinkBrowser[] = [];
  try {
    browsers.push(...(await Promise.all([openBrowser(homes.name('a')), openBrowser(homes.name('b'))])));
    await use({ homes, a: browsers[0]!, b: browsers[1]!, two: [{ url: homes.stun }, { url: homes.stunToo }] });
  } finally {
    homes.close();
    await Promise.all(browsers.map((browser) => browser.close()));
  }
}

/** A router that sends what is meant for its public address back in. */
const mirror = `table ip mirror {
  chain back { type nat hook prerouting priority -100;
    iifname "lan" ip daddr 198.51.100.1 udp dport 1024-65535 dnat to 192.168.10.2
  }
  chain from { type nat hook postrouting priority 90;
    iifname "lan" oifname "lan" masquerade
  }
}`;

const dropUdp = `table ip deaf {
  chain through { type filter hook forward priority -10;
    meta l4proto udp drop
  }
}`;

describe.skipIf(why !== undefined)('the network check', { concurrent: true, timeout: 90_000 }, () => {
  it('says of each router what it does, and when there is none', async () => {
    await betweenHomes(['same', 'random'], async ({ homes, a, b, two }) => {
      const [kept, changed] = await Promise.all([check(a, two), check(b, two)]);
      expect(kept).toMatchObject({ verdict: 'same', publicAddress: '198.51.100.1', hairpin: 'no', networks: 1 });
      expect(changed).toMatchObject({ verdict: 'strict', publicAddress: '198.51.100.2', answered: 2, ipv6: 'none' });

      homes.addToRouter('a', mirror);
      homes.addToRouter('b', dropUdp);
      const relays = [homes.turn, homes.turnTcp].map((url) => ({ url, ...turnUser }));
      const [mirrored, dropped, relayed] = await Promise.all([
        check(a, two),
        check(b, two),
        check(b, [...two, ...relays]),
      ]);
      expect(mirrored).toMatchObject({ verdict: 'same', hairpin: 'yes' });
      expect(dropped).toMatchObject({ verdict: 'blocked', asked: 2, answered: 0 });
      expect(relayed).toMatchObject({ verdict: 'blocked-relayed', relays: ['tcp'] });

      execFileSync('ip', ['-n', homes.name('a'), 'addr', 'flush', 'dev', 'eth0']);
      await a.page.waitForFunction(() => !navigator.onLine);
      expect(await check(a, two)).toMatchObject({ verdict: 'offline' });
    });
  });

  it('takes a relay for a second pair of eyes, whoever may use it', async () => {
    await betweenHomes(['same', 'random'], async ({ homes, a, b, two }) => {
      const [one, stun] = two as [ServerEntry, ServerEntry];
      const relay = { url: homes.turn, ...turnUser };
      const [alone, refused, working] = await Promise.all([
        check(a, [one]),
        check(a, [stun, { ...relay, credential: 'wrong' }]),
        check(b, [stun, relay, { url: homes.turnTcp, ...turnUser }]),
      ]);
      expect(alone).toMatchObject({ verdict: 'one-server', asked: 1, answered: 1 });
      expect(refused).toMatchObject({ verdict: 'same', relays: [] });
      expect(working).toMatchObject({ verdict: 'strict-relayed', relays: ['udp', 'tcp'] });
    });
  });

  it('reports a server that returns the same address as its own address, which the browser does not report', async () => {
    const homes = await openHomes({ a: 'same', b: 'same' });
    const browser = await openBrowser(homes.street);
    try {
      // With a media permission the browser asks from each address by itself, and then says nothing of such an answer.
      await browser.page.context().grantPermissions(['camera', 'microphone']);
      const tested = await browser.page.evaluate((server) => window.links.testServer(server, 4_000), {
        url: homes.stun,
      });
      expect(tested).toMatchObject({ at: 'reached', relay: false });
      expect(tested).not.toHaveProperty('publicAddress');
      expect(await check(browser, [{ url: homes.stun }])).toMatchObject({ verdict: 'open', answered: 1 });
    } finally {
      homes.close();
      await browser.close();
    }
  });

  it('is in the codes: both sides are known to need a relay when no link comes up', async () => {
    await betweenHomes(['random', 'random'], async ({ a, b, two }) => {
      const [anna, ben] = await Promise.all([a.open('anna', { servers: two }), b.open('ben', { servers: two })]);
      await ben.take(await anna.code('invite'));
      await anna.take(await ben.code('reply'));
      await anna.untilHint('both-strict');
    });
  });
});
