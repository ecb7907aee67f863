// The direct lane as people have it: two hosts, two Chromiums on one network. The link is paired and verified over WebRTC, and
// files go straight between the hosts.

import { randomBytes } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Instance, type InstanceOptions, startInstance, stopAll, temporaryFolder } from './instance.ts';
import { doneBytes, link, pairAgain, sha256Of, waitForState } from './pairing.ts';
import { countConnections, receivedOnTheWire } from './wire-bytes.ts';

const bytes = 80 * 2 ** 20;
/** The lane stores six blocks at once: so long that the file is still on its way when a busy machine has done what a test asks for. */
const slowDisk = { TINCAN_TEST_WRITE_DELAY_MS: '120' };
const slowerDisk = { TINCAN_TEST_WRITE_DELAY_MS: '400' };
let running: Instance[] = [];

afterEach(async (context) => {
  expect(await stopAll(running, context)).toEqual([]);
  running = [];
});

async function start(options: InstanceOptions): Promise<Instance> {
  const instance = await startInstance({ ...options, preparePage: (page) => page.addInitScript(countConnections) });
  running.push(instance);
  return instance;
}

async function senderAndReceiver(env: Readonly<Record<string, string>> = {}) {
  const source = bigFile();
  const sender = await start({ name: 'sender', files: [source] });
  const receiver = await start({ name: 'receiver', env });
  await link(sender, receiver);
  return { source, sender, receiver };
}

const laneIsUp = (...instances: readonly Instance[]) =>
  Promise.all(instances.map((each) => each.at('lane-direct').waitFor({ timeout: 60_000 })));

async function arrived(source: string, sender: Instance, receiver: Instance): Promise<void> {
  await Promise.all([waitForState(receiver, 'receive', 'done'), waitForState(sender, 'send', 'done')]);
  expect(await sha256Of(path.join(receiver.downloadDir, 'big.bin'))).toBe(await sha256Of(source));
}

const underWay = (receiver: Instance, share: number) =>
  expect.poll(() => doneBytes(receiver, 'receive'), { timeout: 30_000, interval: 50 }).toBeGreaterThan(bytes * share);

describe('files', () => {
  it('go over the direct lane, and hardly a byte of them enters a page', async () => {
    const { source, sender, receiver } = await senderAndReceiver();
    await laneIsUp(sender, receiver);
    await receiver.at('accept').click();
    await arrived(source, sender, receiver);
    expect(await receivedOnTheWire(receiver)).toBeLessThan(bytes / 10);
  });

  it('that only the page can read go over it too, handed to the host block by block', async () => {
    const source = bigFile();
    const sender = await start({ name: 'sender' });
    const receiver = await start({ name: 'receiver' });
    await link(sender, receiver);
    await laneIsUp(sender, receiver);
    await sender.page.getByTestId('file-input').setInputFiles(source);
    await receiver.at('accept').click();
    await arrived(source, sender, receiver);
    expect(await receivedOnTheWire(receiver)).toBeLessThan(bytes / 10);
  });

  it('go on over data channels when the person turns the direct lane off in mid-transfer', async () => {
    const { source, sender, receiver } = await senderAndReceiver(slowerDisk);
    await laneIsUp(sender, receiver);
    await receiver.at('accept').click();
    await underWay(receiver, 0.2);
    await receiver.at('settings').click();
    await receiver.at('setting-direct').click();
    await sender.at('lane-direct').waitFor({ state: 'detached' });
    await arrived(source, sender, receiver);
    expect(await receivedOnTheWire(receiver)).toBeGreaterThan(bytes / 10);
  });

  it.each(['sending', 'receiving'] as const)(
    'go on after the %s host was killed, over a new direct lane',
    async (killed) => {
      const { source, sender, receiver } = await senderAndReceiver(slowDisk);
      const [victim, survivor] = killed === 'sending' ? [sender, receiver] : [receiver, sender];
      await laneIsUp(sender, receiver);
      await receiver.at('accept').click();
      await underWay(receiver, 0.3);
      await victim.stopHost('SIGKILL');
      await victim.at('host-gone').waitFor();
      await victim.closePage();
      const again = await start({ name: `${killed}-again`, folder: victim.folder });
      await pairAgain(survivor, again);
      await laneIsUp(again, survivor);
      await (killed === 'sending' ? arrived(source, again, receiver) : arrived(source, sender, again));
    },
  );
});

function bigFile(): string {
  const full = path.join(temporaryFolder('source'), 'big.bin');
  const handle = openSync(full, 'w');
  const piece = randomBytes(1 << 20);
  for (let left = bytes; left > 0; left -= piece.length) {
    piece.writeUInt32LE(left);
    writeSync(handle, piece);
  }
  closeSync(handle);
  return full;
}
