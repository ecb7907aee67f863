// The internet in small: a public segment with a real STUN and TURN server, and two homes, each behind a router that
// masquerades. Needs what namespaces.ts needs, and coturn.

import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Side } from './namespaces.ts';

/** `same`: a port keeps its number outside, whoever it talks to. `random`: another number for everybody it talks to. */
export type Mapping = 'same' | 'random';

export const turnUser = { username: 'anna', credential: 'a good secret' } as const;

/** Why there can be no coturn here, or nothing. */
export function whyNoCoturn(): string | undefined {
  return spawnSync('turnserver', ['--version']).error ? 'coturn is not installed' : undefined;
}

export class Homes {
  readonly stun: string;
  readonly turn: string;
  readonly turnTcp: string;
  readonly #tag: string;
  readonly #coturn: ChildProcess;
  readonly #folder: string;

  constructor(tag: string, server: string, coturn: ChildProcess, folder: string) {
    this.#tag = tag;
    this.#coturn = coturn;
    this.#folder = folder;
    this.stun = `stun:${server}:3478`;
    this.turn = `turn:${server}:3478?transport=udp`;
    this.turnTcp = `turn:${server}:3478?transport=tcp`;
  }

  /** The namespace of the machine at home. */
  name(side: Side): string {
    return `${this.#tag}${side}`;
  }

  close(): void {
    this.#coturn.kill('SIGKILL');
    for (const each of ['a', 'b', 'ra', 'rb', 'p']) {
      const pids = spawnSync('ip', ['netns', 'pids', `${this.#tag}${each}`], { encoding: 'utf8' }).stdout ?? '';
      for (const pid of pids.split('\n').filter(Boolean)) spawnSync('kill', ['-9', pid]);
      spawnSync('ip', ['netns', 'del', `${this.#tag}${each}`]);
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

export async function openHomes(mappings: Readonly<Record<Side, Mapping>>): Promise<Homes> {
  const tag = `th${randomBytes(3).toString('hex')}`;
  const server = '198.51.100.10';
  const folder = mkdtempSync(path.join(tmpdir(), 'tincan-homes-'));
  for (const each of ['a', 'b', 'ra', 'rb', 'p']) {
    ip('netns', 'add', `${tag}${each}`);
    ip('-n', `${tag}${each}`, 'link', 'set', 'lo', 'up');
  }
  const street = `${tag}p`;
  ip('-n', street, 'link', 'add', 'street', 'type', 'bridge');
  ip('-n', street, 'addr', 'add', `${server}/24`, 'dev', 'street');
  ip('-n', street, 'link', 'set', 'street', 'up');
  for (const [side, last, lan] of [
    ['a', 1, '192.168.10'],
    ['b', 2, '192.168.20'],
  ] as const) {
    const [home, router] = [`${tag}${side}`, `${tag}r${side}`];
    ip('link', 'add', 'wan', 'netns', router, 'type', 'veth', 'peer', 'name', `door${side}`, 'netns', street);
    ip('-n', street, 'link', 'set', `door${side}`, 'master', 'street', 'up');
    ip('link', 'add', 'lan', 'netns', router, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', home);
    ip('-n', router, 'addr', 'add', `198.51.100.${last}/24`, 'dev', 'wan');
    ip('-n', router, 'addr', 'add', `${lan}.1/24`, 'dev', 'lan');
    ip('-n', home, 'addr', 'add', `${lan}.2/24`, 'dev', 'eth0');
    for (const device of ['wan', 'lan']) ip('-n', router, 'link', 'set', device, 'up');
    ip('-n', home, 'link', 'set', 'eth0', 'up');
    ip('-n', home, 'route', 'add', 'default', 'via', `${lan}.1`);
    execFileSync('ip', ['netns', 'exec', router, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward']);
    nft(
      router,
      `table ip router {
        chain out { type nat hook postrouting priority 100;
          oifname "wan" ${mappings[side] === 'random' ? 'masquerade random,fully-random' : 'masquerade'}
        }
        chain through { type filter hook forward priority 0; policy drop;
          iifname "lan" accept
          ct state established,related accept
        }
        chain in { type filter hook input priority 0; policy drop;
          ct state established,related accept
        }
      }`,
    );
  }
  const coturn = spawn(
    'ip',
    ['netns', 'exec', street, 'turnserver', '-n', '--listening-ip', server, '--relay-ip', server, '--lt-cred-mech']
      .concat(['--user', `${turnUser.username}:${turnUser.credential}`, '--realm', 'tincan', '--no-tls', '--no-dtls'])
      .concat([
        '--no-cli',
        '--log-file',
        'stdout',
        '--pidfile',
        path.join(folder, 'pid'),
        '--userdb',
        path.join(folder, 'db'),
      ]),
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const homes = new Homes(tag, server, coturn, folder);
  process.once('exit', () => homes.close());
  await new Promise<void>((resolve, reject) => {
    let said = '';
    coturn.stdout.on('data', (chunk) => {
      said += String(chunk);
      if (/DB connection success/.test(said)) resolve();
    });
    coturn.once('exit', () => reject(new Error(`coturn ended: ${said}`)));
  });
  return homes;
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args);
}

function nft(namespace: string, rules: string): void {
  execFileSync('ip', ['netns', 'exec', namespace, 'nft', '-f', '-'], { input: rules });
}
