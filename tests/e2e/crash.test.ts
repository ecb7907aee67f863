// Killed, cut off, out of room: whatever happens, the transfer goes on later and ends identical, and only the rest travels.

import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Instance, startInstance, stopAll, temporaryFolder } from './instance.ts';
import { doneBytes, link, pairAgain, sha256Of, treeOf, waitForState } from './pairing.ts';
import { countConnections, receivedOnTheWire } from './wire-bytes.ts';

const bytes = 80_000_000;
/**
 * What a test asks of a page may come late: the driver also hears every byte of a page's own sockets. With all the blocks
 * there may be on the way waiting that long for the disk, the end comes later still.
 */
const slowDisk = { TINCAN_TEST_WRITE_DELAY_MS: '1000' };
let running: Instance[] = [];

afterEach(async (context) => {
  await stopAll(running, context);
  running = [];
});

async function start(options: Parameters<typeof startInstance>[0]): Promise<Instance> {
  const instance = await startInstance({
    ...options,
    // Over data channels; the direct lane has tests of its own.
    settings: { directLane: false },
    preparePage: (page) => page.addInitScript(countConnections),
  });
  running.push(instance);
  return instance;
}

function bigFile(): string {
  const file = path.join(temporaryFolder('source'), 'big.bin');
  writeFileSync(file, randomBytes(bytes));
  return file;
}

async function underWay(from: Instance, to: Instance, share: number, picked: readonly string[] = []): Promise<void> {
  await link(from, to);
  if (picked.length > 0) await from.at('file-input').setInputFiles([...picked]);
  await to.at('accept').click();
  await expect
    .poll(async () => doneBytes(to, 'receive'), { timeout: 60_000, interval: 20 })
    .toBeGreaterThan(bytes * share);
}

describe('a killed host', () => {
  it.each(['receiver', 'sender'] as const)(
    '%s: says so, and goes on with a new code and sends only the rest',
    async (victim) => {
      const source = bigFile();
      const sender = await start({ name: 'sender', files: [source] });
      const receiver = await start({ name: 'receiver', env: slowDisk });
      await underWay(sender, receiver, 0.6);
      const [dead, survivor] = victim === 'receiver' ? [receiver, sender] : [sender, receiver];
      await dead.stopHost('SIGKILL');
      await dead.at('host-gone').waitFor();
      await dead.closePage();
      const before = await receivedOnTheWire(survivor);
      const again = await start({ name: `${victim}-again`, folder: dead.folder });
      const [nowSending, nowReceiving] = victim === 'receiver' ? [survivor, again] : [again, survivor];
      expect(await treeOf(nowReceiving.downloadDir)).not.toContain('big.bin');

      await pairAgain(survivor, again);
      await Promise.all([waitForState(nowReceiving, 'receive', 'done'), waitForState(nowSending, 'send', 'done')]);
      expect(await sha256Of(path.join(nowReceiving.downloadDir, 'big.bin'))).toBe(await sha256Of(source));
      expect(await treeOf(nowReceiving.downloadDir)).toEqual(['big.bin']);
      // What had arrived but was not yet in the journal may travel twice.
      expect((await receivedOnTheWire(again)) + (await receivedOnTheWire(survivor)) - before).toBeLessThan(bytes * 0.9);
    },
  );
});

describe('a page that reloads', () => {
  it.each(['the host', 'the other page'])('goes on with a new code, with files that %s has', async (holder) => {
    const source = bigFile();
    const sender = await start({ name: 'sender', files: holder === 'the host' ? [source] : [] });
    const receiver = await start({ name: 'receiver', env: slowDisk });
    await underWay(sender, receiver, 0.5, holder === 'the host' ? [] : [source]);
    await receiver.page.reload();
    await receiver.session('pairing');
    await receiver.page.getByText('big.bin').first().waitFor();
    const before = await receivedOnTheWire(receiver);
    await pairAgain(sender, receiver);
    await Promise.all([waitForState(receiver, 'receive', 'done'), waitForState(sender, 'send', 'done')]);
    expect(await sha256Of(path.join(receiver.downloadDir, 'big.bin'))).toBe(await sha256Of(source));
    expect((await receivedOnTheWire(receiver)) - before).toBeLessThan(bytes * 0.9);
  });
});

describe.skipIf(process.platform !== 'linux' || process.getuid?.() !== 0)(
  'a full disk (needs root for a small tmpfs)',
  () => {
    it('pauses with the numbers, keeps what it has, and goes on when there is room', async () => {
      const folder = temporaryFolder('small-disk');
      const downloads = path.join(folder, 'downloads');
      mkdirSync(downloads);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=300m', 'tmpfs', downloads]);
      try {
        const source = bigFile();
        const sender = await start({ name: 'sender', files: [source] });
        const receiver = await start({ name: 'receiver', folder });
        await link(sender, receiver);
        await receiver.at('accept').click();
        await expect.poll(() => doneBytes(receiver, 'receive'), { timeout: 30_000, interval: 50 }).toBeGreaterThan(0);
        const filler = path.join(downloads, 'filler');
        execFileSync('fallocate', ['-l', '235m', filler]);
        await Promise.all([waitForState(receiver, 'receive', 'paused'), waitForState(sender, 'send', 'paused')]);
        execFileSync('rm', [filler]);
        await Promise.all([waitForState(receiver, 'receive', 'done'), waitForState(sender, 'send', 'done')]);
        expect(await sha256Of(path.join(downloads, 'big.bin'))).toBe(await sha256Of(source));
      } finally {
        await Promise.all(running.map((instance) => instance.stop()));
        running = [];
        execFileSync('umount', ['-l', downloads]);
      }
    });
  },
);
