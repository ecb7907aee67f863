// The internet in small: a public street with a real STUN and TURN server, and two homes, each behind a router that
// masquerades. Needs what namespaces.ts needs, and coturn.

import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { type Coturn, startCoturn } from './coturn.ts';
import { type Miniupnpd, startMiniupnpd } from './miniupnpd.ts';
import { inside, ip, nft } from './namespace-commands.ts';
import type { Side } from './namespaces.ts';
import { openV6Home } from './v6-home.ts';

/**
 * `same`: a port keeps its number outside, and lets in whom it talked to. `random`: another number for everybody it talks
 * to. `open`: keeps its number and lets in everybody.
 */
export type Mapping = 'same' | 'random' | 'open';

export type Grounds = Readonly<Record<Side, Mapping>> & {
  /** A home whose router passes on no UDP and says nothing about it. */
  readonly dropUdp?: Side;
  /** Routers that open ports to whoever asks in the home. */
  readonly opens?: readonly Side[];
  /** A home whose provider gives its router no public address, and translates once more. */
  readonly shared?: Side;
  /** A home whose router stands behind another router, which opens nothing. */
  readonly behind?: Side;
  /** Both homes have addresses of IPv6, and none of IPv4. */
  readonly onlyV6?: true;
};

type Home = { readonly side: Side; readonly last: number; readonly lan: string };

const homes: readonly Home[] = [
  { side: 'a', last: 1, lan: '192.168.10' },
  { side: 'b', last: 2, lan: '192.168.20' },
];
/** Public to miniupnpd, which opens no port of an address of the documentation nets. */
const publicNet = '11.22.33';
const documentationNet = '198.51.100';
/** Of providers that share addresses, and of the outer of two routers. */
const sharedNet = '100.64.0';
const outerNet = '192.168.1';
const spaces = ['a', 'b', 'ra', 'rb', 'ca', 'cb', 'p'] as const;

export class Homes {
  readonly stun: string;
  readonly stunToo: string;
  readonly turn: string;
  readonly turnTcp: string;
  readonly turnTls: string;
  readonly trust: string;
  readonly #tag: string;
  readonly #net: string;
  readonly #coturn: Coturn;
  readonly #routers: ReadonlyMap<Side, Miniupnpd>;
  readonly #onlyV6: boolean;
  readonly #atExit = () => this.close();

  constructor({ tag, net, coturn, routers, onlyV6 }: Parts) {
    this.#tag = tag;
    this.#net = net;
    this.#coturn = coturn;
    this.#routers = routers;
    this.#onlyV6 = onlyV6;
    const server = `${net}.10`;
    this.stun = `stun:${server}:3478`;
    this.stunToo = `stun:${net}.11:3478`;
    this.turn = `turn:${server}:3478?transport=udp`;
    this.turnTcp = `turn:${server}:3478?transport=tcp`;
    this.turnTls = `turns:${server}:5349?transport=tcp`;
    this.trust = coturn.trust;
    process.once('exit', this.#atExit);
  }

  /** The namespace of the machine at home. */
  name(side: Side): string {
    return `${this.#tag}${side}`;
  }

  /** The namespace of the street: a machine there has a public address. */
  get street(): string {
    return `${this.#tag}p`;
  }

  /** Of the machine on the street that serves STUN and TURN. */
  get server(): string {
    return `${this.#net}.10`;
  }

  /** Of the router, on the street. */
  publicAddress(side: Side): string {
    return `${this.#net}.${side === 'a' ? 1 : 2}`;
  }

  /** The program that opens ports. */
  router(side: Side): Miniupnpd {
    return this.#routers.get(side)!;
  }

  /** From now on what passes through a router is forgotten after a second without packets, or as usual. */
  forgetSoon(side: Side, isSoon: boolean): void {
    const [first, later] = isSoon ? [1, 1] : [30, 120];
    const place = '/proc/sys/net/netfilter/nf_conntrack_udp_timeout';
    inside(`${this.#tag}r${side}`, 'sh', '-c', `echo ${first} > ${place}; echo ${later} > ${place}_stream`);
  }

  /** No packet of UDP gets into a router, until it does again. */
  cutUdp(side: Side, isCut: boolean): void {
    const table = 'table ip cut';
    nft(
      `${this.#tag}r${side}`,
      isCut
        ? `${table} { chain in { type filter hook prerouting priority -400; meta l4proto udp drop; }\n}`
        : `delete ${table}`,
    );
  }

  /** From now on `contacted` tells whom the machine of a home sends to. */
  watch(side: Side): void {
    nft(
      this.name(side),
      `table inet watch {
        set contacted { type ipv4_addr . inet_proto . inet_service; flags dynamic; size 4096; }
        set contacted_v6 { type ipv6_addr . inet_proto . inet_service; flags dynamic; size 4096; }
        chain out { type filter hook output priority 0; policy accept;
          oifname "lo" accept
          meta nfproto ipv4 meta l4proto { tcp, udp } add @contacted { ip daddr . meta l4proto . th dport }
          meta nfproto ipv6 meta l4proto { tcp, udp } add @contacted_v6 { ip6 daddr . meta l4proto . th dport }
        }
      }`,
    );
  }

  /** Each as address, protocol and port. */
  contacted(side: Side): readonly (readonly [address: string, protocol: string, port: number])[] {
    const elements = ['contacted', 'contacted_v6'].flatMap((set) => elementsOf(this.name(side), set));
    return elements.map((element) => {
      const { elem } = element as { elem?: { val: { concat: [string, string, number] } } };
      const { concat } = elem?.val ?? (element as { concat: [string, string, number] });
      return concat;
    });
  }

  /** One more rule for a router that stands already. */
  addToRouter(side: Side, rules: string): void {
    nft(`${this.#tag}r${side}`, rules);
  }

  /** Packets of any kind that reached the server so far. */
  asked(): number {
    return counterIn(`${this.#tag}p`, 'ip street', 'asked').packets;
  }

  /** What went over TCP between a home and the street so far. */
  tcpBytes(side: Side): number {
    return counterIn(`${this.#tag}r${side}`, this.#onlyV6 ? 'inet router' : 'ip router', 'tcp_bytes').bytes;
  }

  close(): void {
    process.off('exit', this.#atExit);
    this.#coturn.close();
    for (const router of this.#routers.values()) router.stop();
    tearDown(this.#tag);
  }
}

type Parts = {
  readonly tag: string;
  readonly net: string;
  readonly coturn: Coturn;
  readonly routers: ReadonlyMap<Side, Miniupnpd>;
  readonly onlyV6: boolean;
};

export async function openHomes(grounds: Grounds): Promise<Homes> {
  const tag = `th${randomBytes(3).toString('hex')}`;
  const net = grounds.opens === undefined ? documentationNet : publicNet;
  const servers = [`${net}.10`, `${net}.11`] as const;
  try {
    for (const each of spaces) {
      ip('netns', 'add', `${tag}${each}`);
      ip('-n', `${tag}${each}`, 'link', 'set', 'lo', 'up');
    }
    openStreet(`${tag}p`, net, servers);
    for (const home of homes) {
      const hasMiniupnpd = grounds.opens?.includes(home.side) === true;
      if (grounds.onlyV6) openV6Home({ tag, side: home.side, hasMiniupnpd }, home.lan);
      else openHome({ tag, net }, home, grounds);
    }
    const coturn = await startCoturn(`${tag}p`, servers);
    const routers = new Map<Side, Miniupnpd>();
    for (const { side, lan } of homes) {
      if (grounds.opens?.includes(side)) routers.set(side, await startMiniupnpd(`${tag}r${side}`, `${lan}.0/24`));
    }
    return new Homes({ tag, net, coturn, routers, onlyV6: grounds.onlyV6 === true });
  } catch (error) {
    tearDown(tag);
    throw error;
  }
}

function tearDown(tag: string): void {
  for (const each of spaces) {
    const pids = spawnSync('ip', ['netns', 'pids', `${tag}${each}`], { encoding: 'utf8' }).stdout ?? '';
    for (const pid of pids.split('\n').filter(Boolean)) spawnSync('kill', ['-9', pid]);
    spawnSync('ip', ['netns', 'del', `${tag}${each}`]);
  }
}

function openStreet(street: string, net: string, servers: readonly [string, string]): void {
  ip('-n', street, 'link', 'add', 'street', 'type', 'bridge');
  for (const each of servers) ip('-n', street, 'addr', 'add', `${each}/24`, 'dev', 'street');
  ip('-n', street, 'link', 'set', 'street', 'up');
  leadAway(street, 'street', net);
  nft(
    street,
    `table ip street {
      counter asked { }
      chain in { type filter hook input priority 0; ip daddr ${servers[0]} counter name asked; }
    }`,
  );
}

type Town = { readonly tag: string; readonly net: string };

/** Joins a router's `wan` to the street. */
function connectToStreet({ tag, net }: Town, router: string, { side, last }: Home): void {
  const street = `${tag}p`;
  ip('link', 'add', 'wan', 'netns', router, 'type', 'veth', 'peer', 'name', `door${side}`, 'netns', street);
  ip('-n', street, 'link', 'set', `door${side}`, 'master', 'street', 'up');
  ip('-n', router, 'addr', 'add', `${net}.${last}/24`, 'dev', 'wan');
  ip('-n', router, 'link', 'set', 'wan', 'up');
  leadAway(router, 'wan', net);
}

/** Between a home's router and the street stands what translates once more: a provider's, or another router of the same person. */
function connectBehind(town: Town, router: string, { home, net }: { readonly home: Home; readonly net: string }): void {
  const provider = `${town.tag}c${home.side}`;
  connectToStreet(town, provider, home);
  ip('link', 'add', 'wan', 'netns', router, 'type', 'veth', 'peer', 'name', 'homes', 'netns', provider);
  ip('-n', provider, 'addr', 'add', `${net}.1/24`, 'dev', 'homes');
  ip('-n', router, 'addr', 'add', `${net}.2/24`, 'dev', 'wan');
  ip('-n', provider, 'link', 'set', 'homes', 'up');
  ip('-n', router, 'link', 'set', 'wan', 'up');
  ip('-n', router, 'route', 'add', 'default', 'via', `${net}.1`);
  inside(provider, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
  nft(
    provider,
    `table ip provider {
      chain out { type nat hook postrouting priority 100; 
        oifname "wan" masquerade random,fully-random
      }
      chain through { type filter hook forward priority 0; policy drop;
        iifname "homes" accept
        ct state established,related accept
      }
    }`,
  );
}

function openHome(town: Town, place: Home, grounds: Grounds): void {
  const { tag } = town;
  const { side, lan } = place;
  const [home, router] = [`${tag}${side}`, `${tag}r${side}`];
  if (grounds.shared === side) connectBehind(town, router, { home: place, net: sharedNet });
  else if (grounds.behind === side) connectBehind(town, router, { home: place, net: outerNet });
  else connectToStreet(town, router, place);
  ip('link', 'add', 'lan', 'netns', router, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', home);
  ip('-n', router, 'addr', 'add', `${lan}.1/24`, 'dev', 'lan');
  ip('-n', home, 'addr', 'add', `${lan}.2/24`, 'dev', 'eth0');
  ip('-n', router, 'link', 'set', 'lan', 'up');
  ip('-n', home, 'link', 'set', 'eth0', 'up');
  ip('-n', home, 'route', 'add', 'default', 'via', `${lan}.1`);
  inside(router, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
  nft(router, routerRules(grounds, side, `${lan}.2`));
}

function routerRules(grounds: Grounds, side: Side, machine: string): string {
  const mapping = grounds[side];
  const dropsUdp = grounds.dropUdp === side;
  return `table ip router {
    counter tcp_bytes { }
    chain measure { type filter hook forward priority -10; meta l4proto tcp counter name tcp_bytes; }
    chain entry { type nat hook prerouting priority -100;
      ${mapping === 'open' ? `iifname "wan" udp dport 1024-65535 dnat to ${machine}` : ''}
    }
    chain out { type nat hook postrouting priority 100;
      oifname "wan" ${mapping === 'random' ? 'masquerade random,fully-random' : 'masquerade'}
    }
    chain through { type filter hook forward priority 0; policy drop;
      ${dropsUdp ? 'meta l4proto udp drop' : ''}
      iifname "lan" accept
      ct state established,related accept
      ct status dnat accept
    }
    chain in { type filter hook input priority 0; policy drop;
      ct state established,related accept
      ${grounds.opens?.includes(side) ? 'iifname "lan" accept' : ''}
    }
  }`;
}

/**
 * On the internet there is a way to every address, and what is sent to somebody's private one gets lost on it. Without a
 * way the sending itself fails, and then coturn gives up the relay of whoever asked: any peer's private address would do.
 */
function leadAway(namespace: string, device: string, net: string): void {
  ip('-n', namespace, 'neigh', 'add', `${net}.254`, 'lladdr', '02:00:00:00:00:fe', 'dev', device);
  ip('-n', namespace, 'route', 'add', 'default', 'via', `${net}.254`);
}

function elementsOf(namespace: string, name: string): readonly unknown[] {
  const told = inside(namespace, 'nft', '-j', 'list', 'set', 'inet', 'watch', name);
  const { nftables } = JSON.parse(told) as { nftables: { set?: { elem?: readonly unknown[] } }[] };
  return nftables.find(({ set }) => set)?.set?.elem ?? [];
}

/** `table`: with its family. */
function counterIn(
  namespace: string,
  table: string,
  name: string,
): { readonly packets: number; readonly bytes: number } {
  const told = inside(namespace, 'nft', '-j', 'list', 'counter', ...table.split(' '), name);
  const { nftables } = JSON.parse(told) as { nftables: { counter?: { packets: number; bytes: number } }[] };
  return nftables.find(({ counter }) => counter)!.counter!;
}
