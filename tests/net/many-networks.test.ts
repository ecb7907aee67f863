// Networks that come and go while Tincan runs: VPN tunnels, docks, bridges of containers.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { inside, ip } from './namespace-commands.ts';
import { openNetwork, whyNoNamespaces } from './namespaces.ts';

const reason = whyNoNamespaces();
if (reason !== undefined) console.warn(`skipped: networks that come and go (${reason})`);

/** As the system lists it: the number of 239.255.84.67, its last byte first. */
const group = '4354FFEF';
/** Linux lets a socket be in twenty groups, those of networks that are gone included. */
const networks = 22;

const closing: (() => unknown)[] = [];
afterEach(() => {
  for (const close of closing.splice(0).reverse()) close();
});

function startListener() {
  const network = openNetwork({ firewalls: false });
  closing.push(() => network.close());
  const machine = network.name('a');
  const script = fileURLToPath(new URL('request-listener.ts', import.meta.url));
  const child = spawn('ip', ['netns', 'exec', machine, process.execPath, script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  closing.push(() => child.kill('SIGKILL'));
  /** The devices on which requests to everybody are heard. */
  const heardOn = () =>
    inside(machine, 'cat', '/proc/net/igmp')
      .split(/\n(?=\d)/)
      .filter((device) => device.includes(group))
      .map((device) => /^\d+\s+([^\s:]+)/.exec(device)?.[1]);
  const joined = (device: string) => expect.poll(heardOn, { timeout: 10_000 }).toContain(device);
  return {
    own: `${machine}0`,
    heardOn,
    joined,
    async look() {
      child.stdin.write('\n');
      await once(child.stdout, 'data');
    },
    /** Which one it is, of the port for requests. */
    socket: () =>
      / [0-9A-F]{8}:BE1E .*/
        .exec(inside(machine, 'cat', '/proc/net/udp'))?.[0]
        .trim()
        .split(/\s+/)[8],
    addNetwork(device: string, address: string) {
      ip('-n', machine, 'link', 'add', device, 'type', 'veth', 'peer', 'name', `${device}p`);
      for (const end of [device, `${device}p`]) ip('-n', machine, 'link', 'set', end, 'up');
      ip('-n', machine, 'addr', 'add', `${address}/24`, 'dev', device);
    },
    removeNetwork: (device: string) => ip('-n', machine, 'link', 'del', device),
  };
}

describe.skipIf(reason !== undefined)('requests are heard', { timeout: 60_000 }, () => {
  it.each(['another address', 'the same address'])(
    'on every network, however many came and went before, each with %s',
    async (each) => {
      const { own, joined, look, addNetwork, removeNetwork } = startListener();
      await joined(own);
      for (let count = 1; count <= networks; count += 1) {
        addNetwork(`net${count}`, `10.78.${each === 'the same address' ? 1 : count}.1`);
        await look();
        await joined(`net${count}`);
        await joined(own);
        removeNetwork(`net${count}`);
      }
    },
  );

  it('on as many networks at once as the system allows, and they are left alone when there are more', async () => {
    const { own, heardOn, joined, look, addNetwork, socket } = startListener();
    await joined(own);
    for (let count = 1; count <= networks; count += 1) addNetwork(`net${count}`, `10.78.${count}.1`);
    const before = socket();
    expect(before).toMatch(/^\d+$/);
    for (let times = 0; times < 3; times += 1) await look();
    expect([socket(), heardOn().length]).toEqual([before, 20]);
  });
});
