// The receiving half on a real disk, through the very calls a page makes: nothing half-written ever carries a final name,
// nothing that exists is lost, and a process that is killed at any moment goes on where it was.

import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import * as fs from 'node:fs';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openFailingDisk } from '../../../host/disk/failing-disk.ts';
import { openRealDisk } from '../../../host/disk/real-disk.ts';
import type { Host } from '../../../host/host.ts';
import { openHost } from '../../../host/open-host.ts';
import type { ConflictPolicy } from '../../../shared/ipc/views.ts';
import { blockBytes } from '../../../shared/wire/limits.ts';
import {
  finish,
  grant,
  type Incoming,
  incoming,
  openQuietServices,
  prepare,
  prepareSkipping,
  receiveAll,
  writeBlock,
} from './receive-steps.ts';
import { openTestHost } from './test-host.ts';

const endedItem = {
  transfer: 'ab'.repeat(16),
  direction: 'receive',
  title: 't',
  peerName: 'p',
  checked: true,
  bytes: 1,
  files: 1,
  state: 'done',
} as const;

let folder: string;
let downloads: string;
let host: Host;
const trashed: string[] = [];

async function open(): Promise<Host> {
  return openHost({
    dataDir: path.join(folder, 'data'),
    downloadDir: downloads,
    version: '0',
    services: openQuietServices(async (file) => {
      trashed.push(readFileSync(file, 'utf8'));
      rmSync(file);
    }),
  });
}

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'tincan-receiving-'));
  downloads = path.join(folder, 'downloads');
  mkdirSync(downloads);
  trashed.length = 0;
  host = await open();
});

afterEach(async () => {
  await host.close();
  rmSync(folder, { recursive: true, force: true });
});

const read = (...parts: string[]) => readFileSync(path.join(downloads, ...parts), 'utf8');
const tree = (at = downloads) => readdirSync(at, { recursive: true }).map(String).sort();
const one = (name: string, content: string) => incoming([{ path: [name], bytes: Buffer.from(content) }]);

async function take(offer: Incoming, conflict: ConflictPolicy = 'keep-both') {
  return receiveAll(host, offer, conflict);
}

describe('a whole that does not match what the sender announced', () => {
  it('is doubted at the second time: what is held is asked for anew, and then it matches', async () => {
    const offer = incoming([{ path: ['file.bin'], bytes: randomBytes(2 * blockBytes) }]);
    const changed = incoming([{ path: ['file.bin'], bytes: randomBytes(2 * blockBytes) }]);
    const { transfer } = offer;
    await prepare(host, offer);
    const have: unknown[] = [];
    for (const tries of [1, 2]) {
      if (tries === 1) for (const block of [0, 1]) await writeBlock(host, offer, block);
      const commit = (async () => host.engine['receive.commit']({ transfer, root: changed.root }))();
      await expect(commit).rejects.toMatchObject({ code: 'hash-mismatch' });
      await host.engine['receive.close']({ transfer, keep: true });
      await host.engine['receive.reopen']({ transfer });
      have.push((await host.engine['receive.start']({ transfer, leaveOut: [] })).have);
    }
    expect(have).toEqual([[[0, 2]], []]);
    await finish(host, changed, transfer);
    expect(readFileSync(path.join(downloads, 'file.bin')).equals(changed.content)).toBe(true);
  });
});

describe('what was received', () => {
  it('is nowhere under its name until it is whole, then it is all there', async () => {
    const bytes = randomBytes(blockBytes + 100);
    const offer = incoming([
      { path: ['album', 'a', 'big.bin'], bytes },
      { path: ['album', 'empty'], bytes: Buffer.alloc(0) },
    ]);
    await prepare(host, offer);
    await writeBlock(host, offer, 0);
    expect(tree().filter((name) => !name.startsWith('.tincan-'))).toEqual([]);
    await writeBlock(host, offer, 1);
    expect(tree().filter((name) => !name.startsWith('.tincan-'))).toEqual([]);
    await host.engine['receive.commit']({ transfer: offer.transfer, root: offer.root });
    await host.engine['receive.close']({ transfer: offer.transfer, keep: false });
    expect(tree()).toEqual(['album', 'album/a', 'album/a/big.bin', 'album/empty']);
    expect(readFileSync(path.join(downloads, 'album', 'a', 'big.bin')).equals(bytes)).toBe(true);
  });

  it('keeps its time and cannot be run', async () => {
    const offer = incoming([
      { path: ['run.sh'], bytes: Buffer.from('#!/bin/sh'), mtimeMs: 1_500_000_000_000, executable: true },
    ]);
    await take(offer);
    const { mode, mtimeMs } = statSync(path.join(downloads, 'run.sh'));
    expect(mtimeMs).toBe(1_500_000_000_000);
    expect(mode & 0o111).toBe(0);
  });

  it('is not taken with a block missing, a wrong root, or a block of the wrong size', async () => {
    const offer = incoming([{ path: ['big.bin'], bytes: randomBytes(2 * blockBytes) }]);
    const { transfer } = offer;
    await prepare(host, offer);
    await writeBlock(host, offer, 0);
    await expect(host.engine['receive.commit']({ transfer, root: offer.root })).rejects.toMatchObject({
      code: 'hash-mismatch',
    });
    await expect(
      (async () =>
        host.engine['receive.write']({ transfer, block: 1, parts: [new Uint8Array(5)], hash: new Uint8Array(32) }))(),
    ).rejects.toMatchObject({ code: 'transfer-refused' });
    await writeBlock(host, offer, 1);
    await expect(host.engine['receive.commit']({ transfer, root: 'f'.repeat(64) })).rejects.toMatchObject({
      code: 'hash-mismatch',
    });
    expect(tree().some((name) => name.includes('big.bin'))).toBe(false);
  });

  it('is refused without a person’s yes', async () => {
    const offer = one('x.txt', 'x');
    const { transfer } = offer;
    await host.engine['receive.begin']({ transfer, secret: 'a'.repeat(64), peerName: 'p', checked: true });
    await host.engine['receive.entries']({ transfer, entries: [...offer.entries] });
    await host.engine['receive.plan']({ transfer });
    await expect(host.engine['receive.start']({ transfer, leaveOut: [] })).rejects.toMatchObject({
      code: 'transfer-refused',
    });
  });
});

describe('a name that exists', () => {
  it('is kept, and the new file is numbered', async () => {
    writeFileSync(path.join(downloads, 'note.txt'), 'old');
    await take(one('note.txt', 'new'));
    await take(one('note.txt', 'newer'));
    expect([read('note.txt'), read('note (2).txt'), read('note (3).txt')]).toEqual(['old', 'new', 'newer']);
  });

  it('is replaced only by a whole file, and the old one goes to the trash', async () => {
    writeFileSync(path.join(downloads, 'note.txt'), 'old');
    await take(one('note.txt', 'new'), 'replace');
    expect([read('note.txt'), trashed]).toEqual(['new', ['old']]);
  });

  it('is skipped when its content is the same, and never because of its name', async () => {
    writeFileSync(path.join(downloads, 'note.txt'), 'old');
    writeFileSync(path.join(downloads, 'same.txt'), 'the same');
    writeFileSync(path.join(downloads, 'as-long.txt'), 'AAAA');
    const files = { 'note.txt': 'newer', 'same.txt': 'the same', 'as-long.txt': 'BBBB' };
    const offer = incoming(Object.entries(files).map(([name, text]) => ({ path: [name], bytes: Buffer.from(text) })));
    const { same, selection } = await prepareSkipping(host, offer);
    expect([same, selection]).toEqual([
      [1],
      [
        [0, 1],
        [2, 3],
      ],
    ]);
    await finish(host, incoming([{ path: ['x'], bytes: Buffer.from('newerBBBB') }]), offer.transfer);
    expect(tree()).toEqual(['as-long (2).txt', 'as-long.txt', 'note (2).txt', 'note.txt', 'same.txt']);
    expect([read('note.txt'), read('note (2).txt'), read('as-long (2).txt')]).toEqual(['old', 'newer', 'BBBB']);
  });

  it('that is a link to somewhere else is not followed', async () => {
    const outside = path.join(folder, 'outside');
    mkdirSync(outside);
    symlinkSync(outside, path.join(downloads, 'sub'));
    for (const conflict of ['keep-both', 'replace', 'skip'] as const) {
      await take(incoming([{ path: ['sub', 'x.txt'], bytes: Buffer.from('x') }]), conflict).catch(() => undefined);
    }
    expect(tree(outside)).toEqual([]);
  });

  it('does not tell the sender, behind a link to another folder, which names exist there', async () => {
    const outside = path.join(folder, 'outside');
    mkdirSync(outside);
    mkdirSync(path.join(downloads, 'real'));
    writeFileSync(path.join(outside, 'x.txt'), 'mine');
    writeFileSync(path.join(downloads, 'real', 'x.txt'), 'mine');
    symlinkSync(outside, path.join(downloads, 'linked'));
    const offer = incoming(['linked', 'real'].map((name) => ({ path: [name, 'x.txt'], bytes: Buffer.from('x') })));
    await grant(host, offer, 'skip');
    const asked = await host.engine['receive.candidates']({ transfer: offer.transfer, from: 0 });
    expect(asked).toEqual({ indexes: [1], next: null });
  });

  it('and was given to another file of the same transfer is not replaced', async () => {
    mkdirSync(path.join(downloads, 'x.txt'));
    const between = Array.from({ length: 30 }, (_, at) => [`f${at}`, 'other']);
    const files = [['x.txt', 'first'], ...between, ['x (2).txt', 'second']];
    await take(incoming(files.map(([name, text]) => ({ path: [name!], bytes: Buffer.from(text!) }))), 'replace');
    expect([read('x (2).txt'), trashed]).toEqual(['first', []]);
  });
});

it('what is there is not read on for its hash once its offer is put away', async () => {
  const disk = openFailingDisk(openRealDisk(), fs);
  const test = await openTestHost({ disk });
  try {
    const bytes = Buffer.alloc(64 * blockBytes);
    writeFileSync(path.join(test.downloads, 'a'), bytes);
    writeFileSync(path.join(test.downloads, 'b'), bytes);
    const offer = incoming(['a', 'b'].map((name) => ({ path: [name], bytes })));
    const { transfer } = offer;
    await grant(test.host, offer, 'skip');
    const reads = () => disk.calls.filter(({ name, path: of }) => name === 'read' && /[/]fd[/]/.test(of)).length;
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const digests = [0, 1].map((index) => ({ index, sha256 }));
    const compared = test.host.engine['receive.compare']({ transfer, digests });
    const answer = expect(compared).rejects.toMatchObject({ code: 'transfer-unknown' });
    await expect.poll(reads).toBeGreaterThan(0);
    await test.host.engine['receive.close']({ transfer, keep: false });
    const before = reads();
    await answer;
    expect(before).toBeLessThan(64);
    expect(reads() - before).toBeLessThanOrEqual(1);
  } finally {
    await test.close();
  }
});

it('names are planned for the disk that they go to, or not at all', async () => {
  const real = openFailingDisk(openRealDisk(), fs);
  const fat = { ...real, room: async (at: string) => ({ ...(await real.room(at)), type: 0x4d44 }) };
  const test = await openTestHost({ disk: fat });
  try {
    const offer = incoming([{ path: ['what?.txt'], bytes: randomBytes(2 * blockBytes) }]);
    const { transfer, root } = offer;
    await prepare(test.host, offer);
    await writeBlock(test.host, offer, 0);
    await test.restart();
    const { engine } = test.host;
    const start = async () => engine['receive.start']({ transfer, leaveOut: [] });
    real.fail({ when: ({ name }) => name === 'room', times: 1, errno: 'EIO' });
    await engine['receive.reopen']({ transfer });
    await expect(start()).rejects.toMatchObject({ code: 'disk-error' });
    await engine['receive.reopen']({ transfer });
    await start();
    await writeBlock(test.host, offer, 1);
    await engine['receive.commit']({ transfer, root });
    expect(tree(test.downloads)).toEqual(['what_.txt']);
  } finally {
    await test.close();
  }
});

describe('what a person throws away', () => {
  it('leaves nothing on the disk', async () => {
    const offer = incoming([{ path: ['big.bin'], bytes: randomBytes(3 * blockBytes) }]);
    await prepare(host, offer);
    const writing = [0, 1, 2].map((block) => writeBlock(host, offer, block).catch(() => undefined));
    await host.engine['receive.close']({ transfer: offer.transfer, keep: false });
    await Promise.all(writing);
    expect(tree()).toEqual([]);
    expect(readdirSync(path.join(folder, 'data', 'receives'))).toEqual([]);
  });

  it('leaves nothing of an earlier day either', async () => {
    const offer = incoming([{ path: ['big.bin'], bytes: randomBytes(3 * blockBytes) }]);
    await prepare(host, offer);
    await writeBlock(host, offer, 0);
    await host.close();
    host = await open();
    expect(await host.ui['unfinished.list']({})).toMatchObject([{ id: offer.transfer, bytesTotal: 3 * blockBytes }]);
    await host.ui['unfinished.discard']({ transfer: offer.transfer });
    expect([tree(), await host.ui['unfinished.list']({})]).toEqual([[], []]);
  });
});

describe('what is in place, and whose sender has not heard of it', () => {
  it('is kept for the sender, and is not called unfinished', async () => {
    const offer = incoming([{ path: ['big.bin'], bytes: randomBytes(blockBytes) }]);
    await prepare(host, offer);
    await writeBlock(host, offer, 0);
    await host.engine['receive.commit']({ transfer: offer.transfer, root: offer.root });
    await host.close();
    host = await open();
    expect(await host.engine['unfinished.claims']({})).toMatchObject([{ id: offer.transfer }]);
    expect(await host.ui['unfinished.list']({})).toEqual([]);
  });
});

describe('the journal', () => {
  async function partly(): Promise<Incoming> {
    const offer = incoming([{ path: ['big.bin'], bytes: randomBytes(5 * blockBytes) }]);
    await prepare(host, offer);
    for (const block of [0, 1, 2]) await writeBlock(host, offer, block);
    await host.close();
    return offer;
  }

  async function heldAfter(offer: Incoming): Promise<readonly (readonly [number, number])[]> {
    host = await open();
    await host.engine['receive.reopen']({ transfer: offer.transfer });
    return (await host.engine['receive.start']({ transfer: offer.transfer, leaveOut: [] })).have;
  }

  const stagingOf = (_: Incoming) => path.join(downloads, tree().find((name) => name.startsWith('.tincan-'))!);

  it('brings back what was held', async () => {
    expect(await heldAfter(await partly())).toEqual([[0, 3]]);
  });

  it('is not believed about bytes that changed on the disk', async () => {
    const offer = await partly();
    const part = path.join(stagingOf(offer), '0.part');
    const bytes = readFileSync(part);
    bytes[blockBytes + 17]! ^= 1;
    writeFileSync(part, bytes);
    expect(await heldAfter(offer)).toEqual([
      [0, 1],
      [2, 3],
    ]);
  });

  it('is not believed where it is damaged, and never ends the host: every byte of it, flipped', async () => {
    const offer = await partly();
    const journal = path.join(stagingOf(offer), 'blocks');
    const whole = readFileSync(journal);
    for (let at = 0; at < whole.length; at += 5) {
      const bad = Buffer.from(whole);
      bad[at]! ^= 0x40;
      writeFileSync(journal, bad);
      const have = await heldAfter(offer);
      const damaged = Math.floor(at / 36);
      expect(have.some(([from, to]) => from <= damaged && damaged < to)).toBe(false);
      expect(have.reduce((sum, [from, to]) => sum + to - from, 0)).toBe(2);
      await host.close();
      // What was not believed is not held any more; put it back as it was.
      writeFileSync(journal, whole);
    }
    host = await open();
  });

  it('that was torn off or lost means receiving again, not an error', async () => {
    const offer = await partly();
    truncateSync(path.join(stagingOf(offer), 'blocks'), 50);
    expect(await heldAfter(offer)).toEqual([[0, 1]]);
    await host.close();
    rmSync(stagingOf(offer), { recursive: true });
    expect(await heldAfter(offer)).toEqual([]);
  });
});

describe('what is taken up again', () => {
  const two = () =>
    incoming([
      { path: ['here'], bytes: randomBytes(3_000) },
      { path: ['gone'], bytes: Buffer.alloc(3_000) },
    ]);
  const takeUp = async ({ transfer }: Incoming) => {
    const kept = await host.engine['receive.reopen']({ transfer });
    return { kept, ...(await host.engine['receive.start']({ transfer, leaveOut: [] })) };
  };

  it('does not publish, after a restart, the zeros that came for a file which could not be read', async () => {
    const offer = two();
    const { transfer, root } = offer;
    await prepare(host, offer);
    await writeBlock(host, offer, 0);
    await host.engine['receive.fault']({ transfer, index: 1, code: 'source-missing' });
    await host.engine['receive.close']({ transfer, keep: true });
    await host.close();
    host = await open();
    expect((await takeUp(offer)).have).toEqual([[0, 1]]);
    const { faults } = await host.engine['receive.commit']({ transfer, root });
    expect(faults).toEqual([{ index: 1, code: 'source-missing' }]);
    await host.engine['receive.close']({ transfer, keep: true });
    expect(tree()).toEqual(['here']);
    const published = { root, faults: [{ index: 1, code: 'source-missing' }] };
    expect(await host.engine['receive.reopen']({ transfer })).toMatchObject({ published });
  });

  it('is not put in place before what could not be read is written down: after a kill its zeros would be', async () => {
    const disk = openFailingDisk(openRealDisk(), fs);
    const own = await openTestHost({ disk });
    try {
      const offer = two();
      const { transfer, root } = offer;
      await prepare(own.host, offer);
      const allow = disk.fail({ when: ({ path: full }) => full.includes(`${transfer}.json`), errno: 'EROFS' });
      await own.host.engine['receive.fault']({ transfer, index: 1, code: 'source-missing' });
      await writeBlock(own.host, offer, 0);
      const commit = () => own.host.engine['receive.commit']({ transfer, root });
      await expect((async () => commit())()).rejects.toMatchObject({ code: 'disk-read-only' });
      expect(readdirSync(own.downloads).filter((name) => !name.startsWith('.tincan-'))).toEqual([]);
      allow();
      expect((await commit()).faults).toEqual([{ index: 1, code: 'source-missing' }]);
    } finally {
      await own.close();
    }
  });

  it('waits for a publishing that the page before it began, and does not begin a second one', async () => {
    const offer = two();
    const { transfer, root } = offer;
    await prepare(host, offer);
    await writeBlock(host, offer, 0);
    const first = host.engine['receive.commit']({ transfer, root });
    await host.engineGone();
    const kept = await host.engine['receive.reopen']({ transfer });
    expect(kept).toMatchObject({ published: { root, faults: [] } });
    await first;
    expect(tree()).toEqual(['gone', 'here']);
  });

  it('and ended a second time is in the history once', async () => {
    const item = endedItem;
    await host.engine['history.add']({ ...item, state: 'failed' });
    await host.engine['history.add'](item);
    await host.engine['history.add'](item);
    expect((await host.ui['history.list']({})).map(({ state }) => state)).toEqual(['done']);
  });

  it('A8 leaves no room for a second one under its id, also after a restart', async () => {
    const offer = incoming([{ path: ['holiday.txt'], bytes: Buffer.from('a') }]);
    const other = { ...incoming([{ path: ['other.txt'], bytes: Buffer.from('bb') }]), transfer: offer.transfer };
    await receiveAll(host, offer, 'keep-both');
    await expect(receiveAll(host, other, 'keep-both')).rejects.toMatchObject({ code: 'transfer-refused' });
    await host.engine['history.add']({ ...endedItem, transfer: offer.transfer });
    await host.close();
    host = await open();
    await expect(receiveAll(host, other, 'keep-both')).rejects.toMatchObject({ code: 'transfer-refused' });
    expect(tree()).toEqual(['holiday.txt']);
    expect(await host.received(offer.transfer)).toBe(path.join(downloads, 'holiday.txt'));
  });

  it('is in the history with the number of files that are missing, after a restart too', async () => {
    const item = { ...endedItem, files: 9, missing: 2 };
    await host.engine['history.add'](item);
    await host.close();
    host = await open();
    expect(await host.ui['history.list']({})).toMatchObject([{ files: 9, missing: 2, canReveal: false }]);
  });
});

describe('a process that is killed', () => {
  it('at any moment of writing and publishing goes on and ends with exactly what was sent', async () => {
    const files = Array.from({ length: 160 }, (_, at) => ({
      path: ['many', `${at % 7}`, `${at}.bin`],
      bytes: randomBytes(at % 50 === 0 ? 300_000 : 2000),
    }));
    files.push({ path: ['lone.bin'], bytes: randomBytes(blockBytes * 2) });
    await host.close();
    let kills = 0;
    for (let round = 0; round < 2; round += 1) {
      const offer = incoming(files);
      const where = path.join(folder, `round ${round}`);
      const script = path.join(folder, 'offer.json');
      writeFileSync(
        script,
        JSON.stringify(offer, (_, value) => (value instanceof Uint8Array ? undefined : value)),
      );
      writeFileSync(path.join(folder, 'content'), offer.content);
      mkdirSync(path.join(where, 'downloads'), { recursive: true });
      let child = startReceiver(where, script);
      for (let patience = 10 + round * 25; ; patience *= 1.7) {
        const ended = once(child, 'exit');
        // Loading the program takes longest, and nothing can be lost in it.
        await Promise.race([once(child, 'message'), ended]);
        const timer = setTimeout(() => child.kill('SIGKILL'), patience);
        const [code, signal] = await ended;
        clearTimeout(timer);
        const finals = tree(path.join(where, 'downloads')).filter((name) => !name.startsWith('.tincan-'));
        for (const name of finals) expectWhole(path.join(where, 'downloads'), name, files);
        // Once the engine has heard that all is published it does not ask again.
        if (code === 0 || existsSync(path.join(where, 'delivered'))) break;
        expect(signal).toBe('SIGKILL');
        kills += 1;
        child = startReceiver(where, script);
      }
      expect(tree(path.join(where, 'downloads'))).toEqual(
        [...new Set(files.flatMap((file) => file.path.map((_, at) => file.path.slice(0, at + 1).join('/'))))].sort(),
      );
      rmSync(where, { recursive: true });
    }
    expect(kills).toBeGreaterThan(6);
    host = await open();
  }, 240_000);
});

function startReceiver(where: string, script: string): ChildProcess {
  return spawn(process.execPath, [path.resolve('tests/unit/host/receiver-process.ts'), where, script], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, NODE_COMPILE_CACHE: path.join(path.dirname(script), 'compile-cache') },
  });
}

function expectWhole(root: string, name: string, files: readonly { path: string[]; bytes: Buffer }[]): void {
  const full = path.join(root, name);
  if (!existsSync(full) || statSync(full).isDirectory()) return;
  const sent = files.find((file) => file.path.join('/') === name);
  const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  expect(sent, `nobody sent ${name}`).toBeDefined();
  expect(hash(readFileSync(full))).toBe(hash(sent!.bytes));
}
