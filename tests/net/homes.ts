// The internet in small: a public street with a real STUN and TURN server, and two homes, each behind a router that
// masquerades. Needs what namespaces.ts needs, and coturn.

import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { type Coturn, startCoturn } from './coturn.ts';
import type { Side } from './namespaces.ts';

/**
 * `same`: a port keeps its number outside, and lets in whom it talked to. `random`: another number for everybody it talks
 * to. `open`: keeps its number and lets in everybody.
 */
export type Mapping = 'same' | 'random' | 'open';

export type Grounds = Readonly<Record<Side, Mapping>> & {
  /** A home whose router passes on no UDP and says nothing about it. */
  readonly dropUdp?: Side;
};

type Home = { readonly side: Side; readonly last: number; readonly lan: string };

const homes: readonly Home[] = [
  { side: 'a', last: 1, lan: '192.168.10' },
  { side: 'b', last: 2, lan: '192.168.20' },
];
const server = '198.51.100.10';
/** The same server once more: what a router makes of a second partner. */
const serverToo = '198.51.100.11';
const spaces = ['a', 'b', 'ra', 'rb', 'p'] as const;

export class Homes {
  readonly stun = `stun:${server}:3478`;
  readonly stunToo = `stun:${serverToo}:3478`;
  readonly turn = `turn:${server}:3478?transport=udp`;
  readonly turnTcp = `turn:${server}:3478?transport=tcp`;
  readonly turnTls = `turns:${server}:5349?transport=tcp`;
  readonly trust: string;
  readonly #tag: string;
  readonly #coturn: Coturn;
  readonly #atExit = () => this.close();

  constructor(tag: string, coturn: Coturn) {
    this.#tag = tag;
    this.#coturn = coturn;
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

  /** One more rule for a router that stands already. */
  addToRouter(side: Side, rules: string): void {
    nft(`${this.#tag}r${side}`, rules);
  }

  /** Packets of any kind that reached the server so far. */
  asked(): number {
    const told = inside(`${this.#tag}p`, 'nft', '-j', 'list', 'counter', 'ip', 'street', 'asked');
    const { nftables } = JSON.parse(told) as { nftables: { counter?: { packets: number } }[] };
    return nftables.find(({ counter }) => counter)!.counter!.packets;
  }

  close(): void {
    process.off('exit', this.#atExit);
    this.#coturn.close();
    tearDown(this.#tag);
  }
}

export async function openHomes(grounds: Grounds): Promise<Homes> {
  const tag = `th${randomBytes(3).toString('hex')}`;
  try {
    for (const each of spaces) {
      ip('netns', 'add', `${tag}${each}`);
      ip('-n', `${tag}${each}`, 'link', 'set', 'lo', 'up');
    }
    openStreet(`${tag}p`);
    for (const home of homes) openHome(tag, home, grounds);
    return new Homes(tag, await startCoturn(`${tag}p`, [server, serverToo]));
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

function openStreet(street: string): void {
  ip('-n', street, 'link', 'add', 'street', 'type', 'bridge');
  for (const each of [server, serverToo]) ip('-n', street, 'addr', 'add', `${each}/24`, 'dev', 'street');
  ip('-n', street, 'link', 'set', 'street', 'up');
  leadAway(street, 'street');
  nft(
    street,
    `table ip street {
      counter asked { }
      chain in { type filter hook input priority 0; ip daddr ${server} counter name asked; }
    }`,
  );
}

function openHome(tag: string, { side, last, lan }: Home, grounds: Grounds): void {
  const [home, router, street] = [`${tag}${side}`, `${tag}r${side}`, `${tag}p`];
  ip('link', 'add', 'wan', 'netns', router, 'type', 'veth', 'peer', 'name', `door${side}`, 'netns', street);
  ip('-n', street, 'link', 'set', `door${side}`, 'master', 'street', 'up');
  ip('link', 'add', 'lan', 'netns', router, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', home);
  ip('-n', router, 'addr', 'add', `198.51.100.${last}/24`, 'dev', 'wan');
  ip('-n', router, 'addr', 'add', `${lan}.1/24`, 'dev', 'lan');
  ip('-n', home, 'addr', 'add', `${lan}.2/24`, 'dev', 'eth0');
  for (const device of ['wan', 'lan']) ip('-n', router, 'link', 'set', device, 'up');
  leadAway(router, 'wan');
  ip('-n', home, 'link', 'set', 'eth0', 'up');
  ip('-n', home, 'route', 'add', 'default', 'via', `${lan}.1`);
  inside(router, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
  nft(router, routerRules(grounds[side], `${lan}.2`, grounds.dropUdp === side));
}

function routerRules(mapping: Mapping, machine: string, dropsUdp: boolean): string {
  return `table ip router {
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
    }
  }`;
}

/**
 * On the internet there is a way to every address, and what is sent to somebody's private one gets lost on it. Without a
 * way the sending itself fails, and then coturn gives up the relay of whoever asked: any peer's private address would do.
 */
function leadAway(namespace: string, device: string): void {
  ip('-n', namespace, 'neigh', 'add', '198.51.100.254', 'lladdr', '02:00:00:00:00:fe', 'dev', device);
  ip('-n', namespace, 'route', 'add', 'default', 'via', '198.51.100.254');
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args);
}

function inside(namespace: string, ...command: readonly string[]): string {
  return execFileSync('ip', ['netns', 'exec', namespace, ...command], { encoding: 'utf8' });
}

function nft(namespace: string, rules: string): void {
  execFileSync('ip', ['netns', 'exec', namespace, 'nft', '-f', '-'], { input: rules });
}
