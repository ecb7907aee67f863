// A peer that names other addresses and ports for a direct lane: whatever it says, no packet goes to them.

import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';
import { type Instance, inNamespace, root, startInstance } from '../e2e/instance.ts';
import { codeOf, giveCode } from '../e2e/pairing.ts';
import { type Network, openNetwork, whyNoNamespaces } from './namespaces.ts';

const why = whyNoNamespaces();
if (why !== undefined) console.log(`The test of a peer that names addresses is skipped: ${why}.`);

let network: Network | undefined;
let tincan: Instance | undefined;
let peer: ChildProcess | undefined;

afterEach(async () => {
  peer?.kill('SIGKILL');
  network?.close();
  await tincan?.stop();
});

/** What the hostile peer says, a line at a time. */
function talk(child: ChildProcess): (line?: string) => Promise<string> {
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  return async (line) => {
    if (line !== undefined) child.stdin!.write(`${line}\n`);
    return String((await lines.next()).value);
  };
}

describe.skipIf(why !== undefined)('a peer that names 100 addresses and ports for a direct lane', () => {
  it.each(['address', 'low', 'often'] as const)(
    'gets the address of the link dialled and no other, and ends the link with what is forbidden (%s)',
    async (forbidden) => {
      network = openNetwork({ firewalls: false });
      tincan = await startInstance({
        name: 'tincan',
        namespace: network.name('a'),
        settings: { nearReplies: false },
      });
      network.countOutgoing('a');
      const script = path.join(root, 'tests/protocol-client/hostile-lane.ts');
      const invite = await codeOf(tincan, 'invite');
      const subnet = network.address('b').replace(/\.\d+$/, '');
      const [program, ...before] = inNamespace(network.name('b'), process.execPath);
      peer = spawn(program!, [...before, script, invite, subnet], { stdio: ['pipe', 'pipe', 'inherit'] });
      const ask = talk(peer);
      await giveCode(tincan, await ask());
      await tincan.session('linked');
      await tincan.at('verify-match').click();
      expect(await ask()).toBe('open');
      await ask('unknown');
      await ask('ports');
      // Nobody listens at those ports of the peer.
      await expect.poll(() => network!.outgoing('a').dialsToPeer, { timeout: 20_000 }).toBeGreaterThan(0);
      expect(await tincan.page.locator('[data-testid="session"]').getAttribute('data-state')).toBe('linked');
      await ask(forbidden);
      await tincan.page.locator('[data-testid="session"]:not([data-state="linked"])').waitFor({ timeout: 20_000 });
      expect(network.outgoing('a').elsewhere).toBe(0);
    },
    120_000,
  );
});
