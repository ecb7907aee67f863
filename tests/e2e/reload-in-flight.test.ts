// A page that is reloaded while a file is on its way, to it or from it.

import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { bigFile, bytes, countingInstances, slowDisk, underWay } from './big-transfer.ts';
import { codeOf, pairAgain, sha256Of, waitForState } from './pairing.ts';
import { receivedOnTheWire } from './wire-bytes.ts';

const start = countingInstances();

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

  it('says once that what it was sending cannot go on, where only the page before it had the files', async () => {
    const source = bigFile();
    const sender = await start({ name: 'sender' });
    const receiver = await start({ name: 'receiver', env: slowDisk });
    await underWay(sender, receiver, 0, [source]);
    await sender.page.reload();
    await sender.session('pairing');
    const said = sender.page.locator('[data-testid="toast"][data-is="cut"]');
    expect(await said.innerText()).toMatch(/cannot go on.*Choose them again.*big\.bin/s);
    await sender.page.reload();
    await codeOf(sender, 'invite');
    expect(await said.count()).toBe(0);
  });
});
