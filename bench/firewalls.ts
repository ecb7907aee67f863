// Two whole Tincans on two hosts (network namespaces) with the direct lane allowed, and firewalls that drop inbound TCP.

import type { Instance } from '../tests/e2e/instance.ts';
import { startInstance } from '../tests/e2e/instance.ts';
import { link, waitForState } from '../tests/e2e/pairing.ts';
import { openNetwork, type Side } from '../tests/net/namespaces.ts';

/** The lane gets so long to come up before the file is accepted. */
const laneWithinMs = 10_000;

export type ThroughFirewalls = { readonly megabytesPerSecond: number; readonly isDirect: boolean };

export async function throughFirewalls(walls: readonly Side[], file: string, bytes: number): Promise<ThroughFirewalls> {
  const network = openNetwork({ firewalls: false });
  for (const side of walls) network.firewall(side);
  const opened: Instance[] = [];
  const start = async (name: string, side: Side, files: readonly string[]) => {
    const settings = { nearReplies: false, directLane: true };
    const instance = await startInstance({ name, namespace: network.name(side), settings, files: [...files] });
    opened.push(instance);
    return instance;
  };
  try {
    const sender = await start('sender', 'a', [file]);
    const receiver = await start('receiver', 'b', []);
    await link(sender, receiver);
    await receiver.at('accept').waitFor();
    const isDirect = await receiver
      .at('lane-direct')
      .waitFor({ timeout: laneWithinMs })
      .then(
        () => true,
        () => false,
      );
    const startedAt = performance.now();
    await receiver.at('accept').click();
    await waitForState(sender, 'send', 'done', 600_000);
    return { megabytesPerSecond: bytes / 1000 / (performance.now() - startedAt), isDirect };
  } finally {
    network.close();
    await Promise.all(opened.map((each) => each.stop()));
  }
}
