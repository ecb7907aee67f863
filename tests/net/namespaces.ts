// Two network namespaces joined by a cable, each behind a stateful firewall if asked: the smallest network in which
// late replies, cuts, changed addresses and frozen peers are real. Needs root, ip and nft; says so where it cannot.

import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';

export type Side = 'a' | 'b';

/** Why namespaces cannot be made here, or nothing. */
export function whyNoNamespaces(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces are a Linux thing';
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  for (const tool of ['ip', 'nft']) {
    if (spawnSync(tool, ['-V']).error) return `${tool} is not installed`;
  }
  const probe = `tcprobe${randomBytes(3).toString('hex')}`;
  if (spawnSync('ip', ['netns', 'add', probe]).status !== 0) return 'network namespaces are not allowed here';
  spawnSync('ip', ['netns', 'del', probe]);
  return undefined;
}

export class Network {
  readonly #tag: string;
  readonly #subnet: string;
  #closed = false;

  constructor(tag: string, subnet: string) {
    this.#tag = tag;
    this.#subnet = subnet;
  }

  name(side: Side): string {
    return `${this.#tag}${side}`;
  }

  address(side: Side): string {
    return `${this.#subnet}.${side === 'a' ? 1 : 2}`;
  }

  /** Nothing gets in or out of one side; its interface stays up, as behind a switch that lost power. */
  cut(side: Side): void {
    this.#nft(
      side,
      `table inet cut {
        chain in { type filter hook input priority -50; policy accept; iifname != "lo" drop; }
        chain out { type filter hook output priority -50; policy accept; oifname != "lo" drop; }
      }`,
    );
  }

  mend(side: Side): void {
    this.#in(side, 'nft', 'delete', 'table', 'inet', 'cut');
  }

  /** From now on `outgoing` tells what leaves one side. */
  countOutgoing(side: Side): void {
    const peer = this.address(side === 'a' ? 'b' : 'a');
    this.#nft(
      side,
      `table inet count {
        chain out { type filter hook output priority 0; policy accept;
          oifname "lo" accept
          ip daddr ${peer} tcp flags & (syn | ack) == syn counter comment "dials"
          ip daddr ${this.#subnet}.0/24 ip daddr != ${peer} counter comment "elsewhere"
          ip daddr != ${peer} meta l4proto tcp counter comment "elsewhere"
        }
      }`,
    );
  }

  /** Dials to the other side, and packets to its neighbours or, of TCP, to anywhere else. */
  outgoing(side: Side): { readonly dialsToPeer: number; readonly elsewhere: number } {
    const listed = execFileSync('ip', ['netns', 'exec', this.name(side), 'nft', 'list', 'table', 'inet', 'count'], {
      encoding: 'utf8',
    });
    const packets = (comment: string) =>
      [...listed.matchAll(new RegExp(`counter packets (\\d+) .*comment "${comment}"`, 'g'))].reduce(
        (sum, [, count]) => sum + Number(count),
        0,
      );
    return { dialsToPeer: packets('dials'), elsewhere: packets('elsewhere') };
  }

  /** No packet of TCP gets in any more, those of open connections included. */
  dropTcp(side: Side): void {
    this.#nft(
      side,
      `table inet notcp {
        chain in { type filter hook input priority -50; policy accept; iifname != "lo" meta l4proto tcp drop; }
      }`,
    );
  }

  /** The names that browsers put in the place of addresses find nobody. */
  dropMdns(): void {
    for (const side of ['a', 'b'] as const) {
      this.#nft(
        side,
        `table inet nomdns {
          chain in { type filter hook input priority -50; policy accept; udp dport 5353 drop; }
        }`,
      );
    }
  }

  changeAddress(side: Side, last: number): void {
    const device = `${this.name(side)}0`;
    this.#in(side, 'ip', 'addr', 'flush', 'dev', device);
    this.#in(side, 'ip', 'addr', 'add', `${this.#subnet}.${last}/24`, 'dev', device);
    this.#in(side, 'ip', 'route', 'add', 'default', 'via', this.address(side === 'a' ? 'b' : 'a'));
  }

  /** Every process that lives in the namespace: one whole Chromium. */
  signal(side: Side, signal: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): void {
    const pids = execFileSync('ip', ['netns', 'pids', this.name(side)], { encoding: 'utf8' });
    for (const pid of pids.split('\n').filter(Boolean)) {
      try {
        process.kill(Number(pid), signal);
      } catch {
        // It ended between the listing and the signal.
      }
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const side of ['a', 'b'] as const) {
      this.signal(side, 'SIGKILL');
      spawnSync('ip', ['netns', 'del', this.name(side)]);
    }
  }

  firewall(side: Side): void {
    this.#nft(
      side,
      `table inet wall {
        chain in { type filter hook input priority 0; policy drop;
          iifname "lo" accept
          ct state established,related accept
          meta l4proto { icmp, ipv6-icmp } accept
        }
      }`,
    );
  }

  #nft(side: Side, rules: string): void {
    execFileSync('ip', ['netns', 'exec', this.name(side), 'nft', '-f', '-'], { input: rules });
  }

  #in(side: Side, ...command: readonly string[]): void {
    execFileSync('ip', ['netns', 'exec', this.name(side), ...command]);
  }
}

let networks = 0;

export function openNetwork(options: { readonly firewalls: boolean; readonly subnet?: string }): Network {
  networks += 1;
  const tag = `tc${randomBytes(3).toString('hex')}`;
  const subnet = options.subnet ?? `10.77.${networks % 250}`;
  const network = new Network(tag, subnet);
  process.once('exit', () => network.close());
  const [a, b] = [network.name('a'), network.name('b')];
  const run = (...args: readonly string[]) => execFileSync('ip', args);
  run('netns', 'add', a);
  run('netns', 'add', b);
  run('link', 'add', `${a}0`, 'netns', a, 'type', 'veth', 'peer', 'name', `${b}0`, 'netns', b);
  for (const side of ['a', 'b'] as const) {
    const name = network.name(side);
    run('-n', name, 'link', 'set', 'lo', 'up');
    run('-n', name, 'link', 'set', `${name}0`, 'up');
    run('-n', name, 'addr', 'add', `${network.address(side)}/24`, 'dev', `${name}0`);
    run('-n', name, 'route', 'add', 'default', 'via', network.address(side === 'a' ? 'b' : 'a'));
    if (options.firewalls) network.firewall(side);
  }
  return network;
}
