// What runs that were killed leave behind is found at the next start, and removed.

import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Disk, DiskPath } from '../../../host/disk/disk.ts';
import type { DiskCall } from '../../../host/disk/failing-disk.ts';
import { openFailingDisk } from '../../../host/disk/failing-disk.ts';
import { openRealDisk } from '../../../host/disk/real-disk.ts';
import { identityOf, removeStaging } from '../../../host/sink/receive-folders.ts';
import { blockBytes } from '../../../shared/wire/limits.ts';
import { incoming, prepare, writeBlock } from './receive-steps.ts';
import { openTestHost, type TestHost, treeOf } from './test-host.ts';

let test: TestHost;
beforeEach(async () => {
  test = await openTestHost();
});
afterEach(() => test.close());

const receives = (...names: string[]) => path.join(test.folder, 'data', 'receives', ...names);

async function begin() {
  const offer = incoming([{ path: ['big.bin'], bytes: randomBytes(2 * blockBytes) }]);
  await prepare(test.host, offer);
  await writeBlock(test.host, offer, 0);
  return offer;
}

it('a staging folder whose record is damaged is removed; another one of that kind is not', async () => {
  const { transfer } = await begin();
  const other = await begin();
  const foreign = path.join(test.downloads, '.tincan-0123456789abcdef');
  await test.restart(() => {
    writeFileSync(receives(`${transfer}.json`), '{"id":');
    mkdirSync(foreign);
  });
  await expect.poll(() => readdirSync(test.downloads)).toHaveLength(2);
  expect(readdirSync(test.downloads)).toContain(path.basename(foreign));
  expect(await test.host.ui['unfinished.list']({})).toMatchObject([{ id: other.transfer }]);
  // Removed beside the start, which does not wait for it.
  await expect
    .poll(() => readdirSync(receives()).filter((name) => name.startsWith(transfer)))
    .toEqual([`${transfer}.json.damaged`]);
});

it('a record that cannot be read now costs nothing', async () => {
  const { transfer } = await begin();
  const before = treeOf(test.downloads);
  await test.host.close();
  // A folder in its place: EISDIR, as odd as EIO.
  const record = receives(`${transfer}.json`);
  renameSync(record, `${record}.hidden`);
  mkdirSync(record);
  await test.restart().catch(() => undefined);
  expect(treeOf(test.downloads)).toEqual(before);
  await test.restart(() => {
    rmdirSync(record);
    renameSync(`${record}.hidden`, record);
  });
  expect(await test.host.ui['unfinished.list']({})).toMatchObject([{ id: transfer }]);
});

it.each([
  ['note', 'readText', /\.staging$/],
  ['folder', 'list', /receives$/],
  ['half-written file', 'removeAll', /\.tmp$/],
] as const)('a %s that the disk refuses at the start keeps nobody from their transfers', async (_what, call, which) => {
  const disk = openFailingDisk(openRealDisk(), fs);
  const failing = await openTestHost({ disk });
  try {
    const [kept, lost] = [0, 1].map(() => incoming([{ path: ['big.bin'], bytes: randomBytes(2 * blockBytes) }]));
    for (const offer of [kept!, lost!]) {
      await prepare(failing.host, offer);
      await writeBlock(failing.host, offer, 0);
    }
    const inReceives = (name: string) => path.join(failing.folder, 'data', 'receives', name);
    let end: () => void = () => undefined;
    await failing.restart(() => {
      writeFileSync(inReceives('x.0123456789ab.tmp'), 'x');
      rmSync(inReceives(`${lost!.transfer}.json`));
      end = disk.fail({ when: ({ name, path: at }) => name === call && which.test(at), errno: 'EIO' });
    });
    end();
    expect(await failing.host.ui['unfinished.list']({})).toMatchObject([{ id: kept!.transfer }]);
    await failing.restart();
    await expect.poll(() => readdirSync(failing.downloads)).toHaveLength(1);
    await expect
      .poll(() => readdirSync(inReceives('.')).filter((name) => !name.startsWith(kept!.transfer)))
      .toEqual([]);
  } finally {
    await failing.close();
  }
});

it('a journal that cannot be read hides neither its own transfer nor the others', async () => {
  const disk = openFailingDisk(openRealDisk(), fs);
  const failing = await openTestHost({ disk });
  try {
    const offer = incoming([{ path: ['big.bin'], bytes: randomBytes(2 * blockBytes) }]);
    await prepare(failing.host, offer);
    await writeBlock(failing.host, offer, 0);
    await failing.restart();
    disk.fail({ when: ({ name, path: at }) => name === 'read' && path.basename(at) === 'blocks', errno: 'EIO' });
    expect(await failing.host.ui['unfinished.list']({})).toMatchObject([{ id: offer.transfer, bytesDone: 0 }]);
    // On a link, nothing could go on otherwise.
    expect(await failing.host.engine['unfinished.claims']({})).toHaveLength(1);
  } finally {
    await failing.close();
  }
});

it('what was published long ago and cannot be forgotten now hides nothing else', async () => {
  const disk = openFailingDisk(openRealDisk(), fs);
  const failing = await openTestHost({ disk });
  try {
    const [old, kept] = [0, 1].map(() => incoming([{ path: ['big.bin'], bytes: randomBytes(2 * blockBytes) }]));
    for (const offer of [old!, kept!]) await prepare(failing.host, offer);
    for (const block of [0, 1]) await writeBlock(failing.host, old!, block);
    await failing.host.engine['receive.commit']({ transfer: old!.transfer, root: old!.root });
    await failing.restart(() => {
      const record = path.join(failing.folder, 'data', 'receives', `${old!.transfer}.json`);
      writeFileSync(record, JSON.stringify({ ...JSON.parse(readFileSync(record, 'utf8')), updatedAtMs: 1 }));
    });
    const isForgotten = ({ name, path: at }: DiskCall) => name === 'removeAll' && at.endsWith(`${old!.transfer}.json`);
    const mend = disk.fail({ when: isForgotten, errno: 'EIO' });
    const ids = async () => [
      ...(await failing.host.engine['unfinished.claims']({})).map(({ id }) => id),
      ...(await failing.host.ui['unfinished.list']({})).map(({ id }) => id),
    ];
    expect(await ids()).toEqual([kept!.transfer, kept!.transfer]);
    mend();
    expect(await ids()).toEqual([kept!.transfer, kept!.transfer]);
    expect(readdirSync(path.join(failing.folder, 'data', 'receives')).join()).not.toContain(old!.transfer);
  } finally {
    await failing.close();
  }
});

it.each(['the link ended after that', 'the program was killed after that'])(
  'of what is in place nothing is remembered for ever, though its folder is gone when its sender hears of it: %s',
  async (how) => {
    const offer = await begin();
    const { transfer, root } = offer;
    await writeBlock(test.host, offer, 1);
    await test.host.engine['receive.commit']({ transfer, root });
    if (how.startsWith('the link')) await test.host.engine['receive.close']({ transfer, keep: true });
    else {
      await test.restart();
      await expect.poll(() => readFileSync(receives(`${transfer}.json`), 'utf8')).toContain('isCleared');
    }
    await test.restart(() => rmSync(test.downloads, { recursive: true }));
    await test.host.engine['receive.reopen']({ transfer });
    await test.host.engine['receive.start']({ transfer, leaveOut: [] });
    expect(await test.host.engine['receive.commit']({ transfer, root })).toEqual({ published: 1, faults: [] });
    await test.host.engine['receive.close']({ transfer, keep: false });
    expect(readdirSync(receives())).toEqual([]);
  },
);

it('what is thrown away and has to wait does not hold up the rest: a full disk gets its room back', async () => {
  const failingDisk = openFailingDisk(openRealDisk(), fs);
  const inOrder = async (folder: DiskPath) => (await failingDisk.list(folder)).sort(Buffer.compare);
  const failing = await openTestHost({ disk: { ...failingDisk, list: inOrder } });
  try {
    const stick = path.join(failing.folder, 'stick');
    const offers = ['0', 'f'].map((digit) => ({
      ...incoming([{ path: ['big.bin'], bytes: randomBytes(2 * blockBytes) }]),
      transfer: digit.repeat(32),
    }));
    const inReceives = (name: string) => path.join(failing.folder, 'data', 'receives', name);
    for (const offer of offers) {
      await prepare(failing.host, offer);
      await writeBlock(failing.host, offer, 0);
    }
    await failing.restart(() => {
      for (const [at, { transfer }] of offers.entries()) {
        const record = JSON.parse(readFileSync(inReceives(`${transfer}.json`), 'utf8')) as object;
        const away = at === 0 ? { destination: stick } : {};
        writeFileSync(inReceives(`${transfer}.json`), JSON.stringify({ ...record, ...away, discarded: true }));
      }
      failingDisk.fail({ when: ({ name }) => name === 'write', errno: 'ENOSPC' });
    });
    await expect.poll(() => existsSync(inReceives(`${offers[1]!.transfer}.json`))).toBe(false);
    expect(existsSync(inReceives(`${offers[0]!.transfer}.json`))).toBe(true);
  } finally {
    await failing.close();
  }
});

it('many that are thrown away cost no more for each than one does', async () => {
  const disk = openFailingDisk(openRealDisk(), fs);
  const failing = await openTestHost({ disk });
  try {
    const offer = incoming([{ path: ['big.bin'], bytes: randomBytes(2 * blockBytes) }]);
    await prepare(failing.host, offer);
    const inReceives = (name: string) => path.join(failing.folder, 'data', 'receives', name);
    const record = JSON.parse(readFileSync(inReceives(`${offer.transfer}.json`), 'utf8')) as object;
    const ids = Array.from({ length: 30 }, (_, nth) => `${nth}`.padStart(32, '0'));
    let before = 0;
    await failing.restart(() => {
      for (const id of ids) {
        const discarded = { ...record, id, staging: path.join(failing.downloads, `.tincan-${id}`), discarded: true };
        writeFileSync(inReceives(`${id}.json`), JSON.stringify(discarded));
      }
      before = disk.calls.length;
    });
    await expect.poll(() => ids.filter((id) => existsSync(inReceives(`${id}.json`)))).toEqual([]);
    const reads = disk.calls.slice(before).filter(({ name, path: at }) => name === 'readText' && at.endsWith('.json'));
    expect(reads.length).toBeLessThan(4 * ids.length);
    expect(await failing.host.ui['unfinished.list']({})).toMatchObject([{ id: offer.transfer }]);
  } finally {
    await failing.close();
  }
});

it.each(['EMFILE', 'EIO'])('a record that answers %s now does not make its transfer an unknown one', async (errno) => {
  const disk = openFailingDisk(openRealDisk(), fs);
  const failing = await openTestHost({ disk });
  try {
    const offer = incoming([{ path: ['big.bin'], bytes: randomBytes(2 * blockBytes) }]);
    await prepare(failing.host, offer);
    await writeBlock(failing.host, offer, 0);
    const file = path.join(failing.folder, 'file');
    writeFileSync(file, 'x');
    const items = (await failing.host.stagePaths([file])).map(({ id }) => id);
    const sent = 'b'.repeat(32);
    await failing.host.engine['send.open']({ transfer: sent, secret: 'a'.repeat(64), items, peerName: 'p' });
    await failing.restart();
    const { engine } = failing.host;
    const reopen = async () => [
      await Promise.allSettled([(async () => engine['receive.reopen']({ transfer: offer.transfer }))()]),
      await Promise.allSettled([(async () => engine['send.reopen']({ transfer: sent }))()]),
    ];
    const isRecord = ({ name, path: at }: DiskCall) => name === 'readText' && at.endsWith('.json');
    const end = disk.fail({ when: isRecord, errno });
    for (const [outcome] of await reopen())
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'data-unreadable' } });
    end();
    for (const [outcome] of await reopen()) expect(outcome).toMatchObject({ status: 'fulfilled' });
  } finally {
    await failing.close();
  }
});

it('every staging folder of a transfer is found again, also that of an attempt that came to nothing', async () => {
  const disk = openFailingDisk(openRealDisk(), fs);
  const failing = await openTestHost({ disk });
  try {
    const offer = incoming([{ path: ['big.bin'], bytes: randomBytes(2 * blockBytes) }]);
    const isRecord = ({ name, to = '' }: DiskCall) => name === 'rename' && to.endsWith(`${offer.transfer}.json`);
    disk.fail({ when: isRecord, times: 1, errno: 'EIO' });
    await expect(prepare(failing.host, offer)).rejects.toThrow();
    await prepare(failing.host, offer);
    expect(readdirSync(failing.downloads)).toHaveLength(2);
    await failing.host.ui['unfinished.discard']({ transfer: offer.transfer });
    expect(readdirSync(failing.downloads)).toEqual([]);
  } finally {
    await failing.close();
  }
});

it.each(['EIO', 'EMFILE', 'EACCES'])(
  'a staging folder is not removed with another transfer that had noted it while its own record answers %s',
  async (errno) => {
    const disk = openFailingDisk(openRealDisk(), fs);
    const failing = await openTestHost({ disk });
    try {
      const [gone, kept] = [0, 1].map(() => incoming([{ path: ['big.bin'], bytes: randomBytes(2 * blockBytes) }]));
      for (const offer of [gone!, kept!]) {
        await prepare(failing.host, offer);
        await writeBlock(failing.host, offer, 0);
      }
      await failing.restart(() => {
        const file = ({ transfer }: typeof kept & {}, kind: string) =>
          path.join(failing.folder, 'data', 'receives', `${transfer}.${kind}`);
        const note = (offer: typeof kept & {}) => JSON.parse(readFileSync(file(offer, 'staging'), 'utf8')) as object;
        // As a move into another folder leaves it that could not undo something.
        writeFileSync(file(gone!, 'staging'), JSON.stringify({ ...note(gone!), earlier: [note(kept!)] }));
      });
      const isRecord = ({ name, path: at }: DiskCall) => name === 'readText' && at.endsWith(`${kept!.transfer}.json`);
      const mend = disk.fail({ when: isRecord, errno });
      await failing.host.ui['unfinished.discard']({ transfer: gone!.transfer });
      mend();
      await failing.restart();
      expect(await failing.host.ui['unfinished.list']({})).toMatchObject([
        { id: kept!.transfer, bytesDone: blockBytes },
      ]);
      await expect.poll(() => readdirSync(failing.downloads)).toHaveLength(1);
    } finally {
      await failing.close();
    }
  },
);

it('a staging folder whose key a power cut took is removed', async () => {
  const { transfer } = await begin();
  const [name] = readdirSync(test.downloads);
  const staging = path.join(test.downloads, name!);
  await test.restart(() => {
    for (const inside of readdirSync(staging)) rmSync(path.join(staging, inside), { recursive: true });
    rmSync(receives(`${transfer}.json`));
  });
  await expect.poll(() => readdirSync(test.downloads)).toEqual([]);
});

it('half-written files and lists without a transfer go', async () => {
  const { transfer } = await begin();
  await test.restart(() => {
    writeFileSync(receives(`${transfer}.json.0123456789ab.tmp`), '{');
    writeFileSync(receives(`${'ab'.repeat(16)}.manifest`), '[]');
    writeFileSync(path.join(test.folder, 'data', 'settings.json.0123456789ab.tmp'), '{');
    writeFileSync(path.join(test.folder, 'data', 'sends', 'x.json.0123456789ab.tmp'), '{');
  });
  expect(readdirSync(receives()).sort()).toEqual([`${transfer}.json`, `${transfer}.manifest`, `${transfer}.staging`]);
  expect(treeOf(path.join(test.folder, 'data')).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

it('a transfer that is begun anew while what is left of it is being removed keeps what it has', async () => {
  const real = openRealDisk();
  const gates: (() => void)[] = [];
  let isSlow = false;
  const disk: Disk = {
    ...real,
    async removeAll(what) {
      if (isSlow && path.basename(String(what)) === 'blocks') await new Promise<void>((resolve) => gates.push(resolve));
      return real.removeAll(what);
    },
  };
  const own = await openTestHost({ disk });
  const offer = incoming([{ path: ['big.bin'], bytes: randomBytes(2 * blockBytes) }]);
  await prepare(own.host, offer);
  await writeBlock(own.host, offer, 0);
  isSlow = true;
  await own.restart(() => rmSync(path.join(own.folder, 'data', 'receives', `${offer.transfer}.json`)));
  await expect.poll(() => gates.length).toBe(1);
  const starting = prepare(own.host, offer);
  // Whoever does not wait has begun by then.
  await Promise.race([starting, setTimeout(500)]);
  isSlow = false;
  gates[0]!();
  await starting;
  await writeBlock(own.host, offer, 0);
  await own.restart();
  expect(await own.host.ui['unfinished.list']({})).toMatchObject([{ id: offer.transfer, bytesDone: blockBytes }]);
  expect(readdirSync(own.downloads)).toHaveLength(1);
  await own.close();
});

it('a transfer that was thrown away, and is begun anew before what is left of it is removed, keeps what it has', async () => {
  const real = openRealDisk();
  const { promise: isSlow, resolve: goOn } = Promise.withResolvers<void>();
  let waits = 0;
  let slow: string | undefined;
  const disk: Disk = {
    ...real,
    async openFolder(folder) {
      if (slow !== undefined && String(folder).endsWith(slow)) {
        waits += 1;
        await isSlow;
      }
      return real.openFolder(folder);
    },
  };
  const own = await openTestHost({ disk });
  try {
    const [first, offer] = [0, 1].map(() => incoming([{ path: ['big.bin'], bytes: randomBytes(2 * blockBytes) }]));
    const { transfer } = offer!;
    const inReceives = (name: string) => path.join(own.folder, 'data', 'receives', name);
    const recordOf = (id: string) =>
      JSON.parse(readFileSync(inReceives(`${id}.json`), 'utf8')) as { staging: string; discarded?: true };
    for (const one of [first!, offer!]) await prepare(own.host, one);
    await own.restart(() => {
      // Staging folders without a record are removed first: that takes a while here.
      slow = path.basename(recordOf(first!.transfer).staging);
      rmSync(inReceives(`${first!.transfer}.json`));
      writeFileSync(inReceives(`${transfer}.json`), JSON.stringify({ ...recordOf(transfer), discarded: true }));
    });
    await expect.poll(() => waits).toBe(1);
    await own.host.engine['receive.close']({ transfer, keep: false });
    await prepare(own.host, offer!);
    await writeBlock(own.host, offer!, 0);
    await own.host.engine['receive.close']({ transfer, keep: true });
    goOn();
    await expect.poll(() => existsSync(inReceives(`${first!.transfer}.staging`))).toBe(false);
    await own.restart();
    expect(await own.host.ui['unfinished.list']({})).toMatchObject([{ id: transfer, bytesDone: blockBytes }]);
  } finally {
    await own.close();
  }
});

it('a staging folder that a power cut left without its key is not forgotten because it cannot be opened now', async () => {
  const disk = openFailingDisk(openRealDisk(), fs);
  const staging = path.join(test.downloads, '.tincan-0123456789abcdef');
  mkdirSync(staging);
  const destination = identityOf(await disk.facts(test.downloads));
  const record = { destination: test.downloads, staging, pins: { destination, key: 'a'.repeat(32) } };
  // The first look finds no key in it, the second would remove it.
  disk.fail({
    when: ({ name, path: of }) => name === 'openFolder' && path.basename(of) === path.basename(staging),
    from: 2,
    times: 1,
    errno: 'EACCES',
  });
  expect(await removeStaging(disk, record)).toBe(false);
  expect(await removeStaging(disk, record)).toBe(true);
  expect(readdirSync(test.downloads)).toEqual([]);
});

it('a staging folder whose key cannot be read now is not kept open', async () => {
  const failing = openFailingDisk(openRealDisk(), fs);
  let open = 0;
  const disk: Disk = {
    ...failing,
    async openFolder(folder) {
      const held = await failing.openFolder(folder);
      open += 1;
      return { ...held, close: () => held.close().finally(() => (open -= 1)) };
    },
  };
  const staging = path.join(test.downloads, '.tincan-0123456789abcdef');
  mkdirSync(staging);
  const destination = identityOf(await disk.facts(test.downloads));
  failing.fail({ when: ({ name, path: of }) => name === 'open' && path.basename(of) === 'key', errno: 'EMFILE' });
  const record = { destination: test.downloads, staging, pins: { destination, key: 'a'.repeat(32) } };
  expect([await removeStaging(disk, record), open]).toEqual([false, 0]);
});
