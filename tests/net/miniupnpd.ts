// A real miniupnpd in the namespace of a router: UPnP-IGD, NAT-PMP and PCP over one set of mappings.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { addressText } from '../../shared/code/address.ts';
import { fromHex } from '../../shared/model/bytes.ts';
import { inside, nft } from './namespace-commands.ts';
import { firewallV6 } from './v6-home.ts';

export type OpenPort = {
  readonly protocol: 'udp' | 'tcp';
  readonly outside: number;
  readonly to: string;
  readonly inside: number;
};

/** Those of `before` that are open now. */
export function stillOpen(now: readonly OpenPort[], before: readonly OpenPort[]): readonly OpenPort[] {
  return now.filter((port) => before.some((other) => JSON.stringify(other) === JSON.stringify(port)));
}

export type Miniupnpd = {
  /** The ports that are open now, as the router's own rules say. */
  ports(): readonly OpenPort[];
  /** As when somebody pulls its plug: every mapping is forgotten. Answers once it can be asked again. */
  restart(): Promise<void>;
  /** It hears nothing and says nothing until the answer is called; what came meanwhile waits. */
  freeze(): () => void;
  stop(): void;
};

/** Why there can be none here, or nothing. */
export function whyNoMiniupnpd(): string | undefined {
  const { error, stdout } = spawnSync('miniupnpd', ['--version'], { encoding: 'utf8' });
  if (error) return 'miniupnpd is not installed';
  return stdout.includes('nftables') ? undefined : 'miniupnpd does not use nftables here';
}

/** As nft_init.sh of Debian makes them. */
const chains = `table inet filter {
  chain forward { type filter hook forward priority 0; policy accept;
    jump miniupnpd
    ${firewallV6}
  }
  chain miniupnpd { }
  chain prerouting { type nat hook prerouting priority -100; policy accept; jump prerouting_miniupnpd; }
  chain postrouting { type nat hook postrouting priority 100; policy accept; jump postrouting_miniupnpd; }
  chain prerouting_miniupnpd { }
  chain postrouting_miniupnpd { }
}`;

export async function startMiniupnpd(namespace: string, lan: string, more: readonly string[] = []): Promise<Miniupnpd> {
  const folder = mkdtempSync(path.join(tmpdir(), 'tincan-upnpd-'));
  const file = path.join(folder, 'conf');
  const settings = [
    'ext_ifname=wan',
    'listening_ip=lan',
    'enable_natpmp=yes',
    'enable_upnp=yes',
    'secure_mode=yes',
    'min_lifetime=2',
    'max_lifetime=86400',
    `uuid=${randomUUID()}`,
    ...more,
    `allow 1024-65535 ${lan} 1024-65535`,
    'deny 0-65535 0.0.0.0/0 0-65535',
  ];
  writeFileSync(file, `${settings.join('\n')}\n`);
  nft(namespace, chains);
  let child = await run();

  async function run(): Promise<ChildProcess> {
    const started = spawn(
      'ip',
      ['netns', 'exec', namespace, 'miniupnpd', '-d', '-f', file, '-P', path.join(folder, 'pid')],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    await untilReady(started);
    return started;
  }

  return {
    ports: () => openPorts(namespace),
    async restart() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
      nft(namespace, `delete table inet filter\n${chains}`);
      child = await run();
    },
    freeze() {
      child.kill('SIGSTOP');
      return () => void child.kill('SIGCONT');
    },
    stop() {
      child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function untilReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    const hear = (chunk: Buffer) => {
      said += String(chunk);
      if (/Listening for NAT-PMP\/PCP traffic/.test(said)) resolve();
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.once('exit', () => reject(new Error(`miniupnpd ended: ${said}`)));
  });
}

function openPorts(namespace: string): readonly OpenPort[] {
  return [...mappedPorts(namespace), ...pinholes(namespace)];
}

/** As nft writes them, which does not know by now what they look at: the address and the protocol of a packet of IPv6. */
function pinholes(namespace: string): readonly OpenPort[] {
  const rules = inside(namespace, 'nft', 'list', 'chain', 'inet', 'filter', 'miniupnpd');
  return [...rules.matchAll(/th dport (\d+) @nh,192,128 0x([0-9a-f]{32}) @nh,48,8 0x(\w+) accept/g)].map(
    ([, port, to, protocol]) => ({
      protocol: Number.parseInt(protocol!, 16) === 17 ? 'udp' : 'tcp',
      outside: Number(port),
      to: addressText(6, fromHex(to!)),
      inside: Number(port),
    }),
  );
}

function mappedPorts(namespace: string): readonly OpenPort[] {
  const rules = inside(namespace, 'nft', 'list', 'chain', 'inet', 'filter', 'prerouting_miniupnpd');
  return [...rules.matchAll(/^.*dport (\d+).*dnat ip to ([\d.]+):(\d+).*$/gm)].map(([line, outside, to, inside]) => ({
    // nft does not always know the name of its field by now: 0x11 is UDP.
    protocol: /udp|0x11/.test(line) ? 'udp' : 'tcp',
    outside: Number(outside),
    to: to!,
    inside: Number(inside),
  }));
}
