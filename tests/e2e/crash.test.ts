// Killed, cut off, out of room: whatever happens, the transfer goes on later and ends identical, and only the rest travels.

import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { bigFile, bytes, countingInstances, slowDisk, underWay } from './big-transfer.ts';
import { temporaryFolder } from './instance.ts';
import { doneBytes, link, pairAgain, sha256Of, treeOf, waitForState } from './pairing.ts';
import { receivedOnTheWire } from './wire-bytes.ts';

const start = countingInstances();

describe('a killed host', () => {
  it.each(['receiver', 'sender'] as const)(
    '%s: says so, and goes on with a new code and sends only the rest',
    async (victim) => {
      const source = bigFile();
      const sender = await start({ name: 'sender', files: [source] });
      const receiver = await start({ name: 'receiver', env: slowDisk });
      // A sender has sent what its receiver still writes, so it is killed earlier.
      await underWay(sender, receiver, victim === 'sender' ? 0.2 : 0.6);
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
        // Lazily: both still run, and end with the test.
        execFileSync('umount', ['-l', downloads]);
      }
    });
  },
);
