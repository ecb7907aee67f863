// Tells the host when the machine's addresses changed and when it woke: Node has no event for either.

import { uptime } from 'node:os';
import type { Host } from './host.ts';
import { networkInterfaces } from './lan/network-interfaces.ts';

const lookEveryMs = 2_000;
/** The machine was up for longer than a busy one delays a timer: it slept. */
const wokeAfterMs = 10_000;

export function watchMachine(host: Pick<Host, 'networkChanged'>): { close(): void } {
  let addresses = listAddresses();
  let lookedAt = upMs();
  const timer = setInterval(() => {
    const now = upMs();
    const jumped = now - lookedAt - lookEveryMs > wokeAfterMs;
    lookedAt = now;
    const current = listAddresses();
    const moved = current !== addresses;
    addresses = current;
    // A machine that was carried elsewhere while it slept may have its new addresses already. They are told once, and whoever hears of
    // them does all that there is to do after a sleep.
    if (moved) host.networkChanged('addresses');
    else if (jumped) host.networkChanged('woke');
  }, lookEveryMs);
  return { close: () => clearInterval(timer) };
}

/**
 * Counts sleep. On Linux and Windows nobody can set it; macOS takes the time of the start away from the wall clock (libuv, `uv_uptime`), and
 * a clock that is set forward may look like sleep there: that costs one more look at the network.
 */
function upMs(): number {
  return uptime() * 1_000;
}

function listAddresses(): string {
  return Object.entries(networkInterfaces())
    .flatMap(([name, list]) => (list ?? []).map(({ address }) => `${name} ${address}`))
    .sort()
    .join('\n');
}
