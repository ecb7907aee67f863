// A peer that receives, and does it badly on purpose, against the real engine: it claims, asks and never has enough.

import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  askedReopensBurst,
  blockBytes,
  blockRetriesMax,
  creditMaxBlocks,
  damagedBlocksMax,
  digestAsksMax,
  digestTurnMs,
  longDigestsMax,
  unwrittenInARowMax,
} from '../../../shared/wire/limits.ts';
import { VirtualClock } from '../link/virtual-clock.ts';
import { MemoryDisk, Side } from './engine-pair.ts';
import type { MemoryFile } from './memory-files.ts';
import {
  addLane,
  changeControl,
  hello,
  linkPeer,
  type Offered,
  offeredBy,
  received,
  refused,
  type ScriptedPeer,
  sendTo,
  settle,
} from './scripted-peer.ts';

const file = (size: number, name = 'a'): MemoryFile => ({ path: [name], bytes: new Uint8Array(randomBytes(size)) });
const small = [file(3000)];
const five = [file(5 * blockBytes)];

async function offered(files: readonly MemoryFile[] = small): Promise<{ peer: ScriptedPeer; at: Offered }> {
  const peer = linkPeer(true);
  return { peer, at: await offeredBy(peer, files) };
}

async function accepted(files: readonly MemoryFile[], credit: number): Promise<{ peer: ScriptedPeer; at: Offered }> {
  const { peer, at } = await offered(files);
  sendTo(peer, { type: 'accept', ...at, all: true, credit });
  await peer.side.reached('sending');
  return { peer, at };
}

const block = ({ peer }: { peer: ScriptedPeer }, nth: number) =>
  expect.poll(() => peer.blocks.length, { interval: 2, timeout: 10_000 }).toBeGreaterThanOrEqual(nth);

describe('before the files move', () => {
  const rows: readonly [string, (at: Offered) => readonly unknown[]][] = [
    [
      'S1 holds blocks beyond the end',
      (at) => [
        { type: 'held', transfer: at.transfer, ranges: [[0, 9]] },
        { type: 'accept', ...at, all: true, credit: 1 },
      ],
    ],
    [
      'S1 piles up ranges of blocks that no choice could hold',
      ({ transfer }) => [
        { type: 'held', transfer, ranges: Array.from({ length: 4096 }, (_, at) => [2 * at, 2 * at + 1]) },
      ],
    ],
    ['S1 holds a range that runs backwards', ({ transfer }) => [{ type: 'held', transfer, ranges: [[1, 0]] }]],
    ['S1 holds a negative block', ({ transfer }) => [{ type: 'held', transfer, ranges: [[-1, 1]] }]],
    ['S1 holds half a block', ({ transfer }) => [{ type: 'held', transfer, ranges: [[0, 0.5]] }]],
    [
      'S1 holds the same twice',
      ({ transfer }) => [
        { type: 'held', transfer, ranges: [[0, 1]] },
        { type: 'held', transfer, ranges: [[0, 1]] },
      ],
    ],
    [
      'S1 holds something of a transfer that is none',
      () => [{ type: 'held', transfer: 'cd'.repeat(16), ranges: [[0, 1]] }],
    ],
    ['S5 grants nothing', (at) => [{ type: 'accept', ...at, all: true, credit: 0 }]],
    ['S5 grants less than nothing', (at) => [{ type: 'accept', ...at, all: true, credit: -1 }]],
    ['S5 grants 2^53', (at) => [{ type: 'accept', ...at, all: true, credit: 2 ** 53 }]],
    ['S5 grants half a block', (at) => [{ type: 'accept', ...at, all: true, credit: 1.5 }]],
    ['S6 chooses what was not offered', ({ transfer }) => [{ type: 'choose', transfer, ranges: [[0, 2]] }]],
    ['S6 chooses by path', ({ transfer }) => [{ type: 'choose', transfer, ranges: ['../../etc/passwd'] }]],
    ['S6 asks about what was not offered', ({ transfer }) => [{ type: 'digest-request', transfer, indexes: [1] }]],
    ['S6 asks about a path', ({ transfer }) => [{ type: 'digest-request', transfer, indexes: ['..'] }]],
    [
      'S7 asks about one file again and again',
      ({ transfer }) =>
        Array.from({ length: digestAsksMax + 1 }, () => ({ type: 'digest-request', transfer, indexes: [0] })),
    ],
    [
      'S7 asks about one file often in one breath',
      ({ transfer }) => [{ type: 'digest-request', transfer, indexes: [0, 0, 0, 0] }],
    ],
    [
      'S8 chooses the same twice',
      ({ transfer }) => [
        {
          type: 'choose',
          transfer,
          ranges: [
            [0, 1],
            [0, 1],
          ],
        },
      ],
    ],
    ['S8 chooses an empty range', ({ transfer }) => [{ type: 'choose', transfer, ranges: [[0, 0]] }]],
    [
      'C3 has it delivered',
      ({ transfer }) => [{ type: 'delivered', transfer, root: '0'.repeat(64), faults: [], faultCount: 0 }],
    ],
    [
      'C3 sends our own list back',
      ({ transfer }) => [{ type: 'manifest', transfer, part: 0, last: true, entries: [] }],
    ],
  ];
  it.each(rows)('ends the link when it %s', async (_what, messages) => {
    const { peer, at } = await offered();
    sendTo(peer, ...messages(at));
    await refused(peer);
    expect(peer.blocks).toEqual([]);
  });

  it('S13 that says no has learnt names and read nothing', async () => {
    const { peer, at } = await offered();
    sendTo(peer, { type: 'decline', transfer: at.transfer });
    await peer.side.reached('declined');
    expect([peer.side.disk.reads, peer.blocks]).toEqual([0, []]);
    peer.side.engine.close();
  });

  it('S10 that cancels and accepts in turns has cancelled', async () => {
    const { peer, at } = await offered();
    for (let time = 0; time < 20; time += 1) {
      sendTo(peer, { type: 'cancel', transfer: at.transfer }, { type: 'accept', ...at, all: true, credit: 1 });
    }
    await peer.side.reached('cancelled');
    await settle();
    expect(peer.side.view()!.state).toBe('cancelled');
    expect([peer.blocks, peer.side.of('violation')]).toEqual([[], []]);
    peer.side.engine.close();
  });

  it('S7 that begins again between its questions about one file asks as often as without', async () => {
    const { peer, at } = await offered();
    const ask = { type: 'digest-request', transfer: at.transfer, indexes: [0] };
    for (let time = 0; time < digestAsksMax; time += 1) sendTo(peer, ask, { type: 'again', transfer: at.transfer });
    await settle();
    expect(peer.side.of('violation')).toEqual([]);
    sendTo(peer, ask);
    await refused(peer);
  });

  it('S7 may ask about a file as often again on another control: the answers may be lost with the one before', async () => {
    const { peer, at } = await offered();
    const ask = { type: 'digest-request', transfer: at.transfer, indexes: [0] };
    for (let time = 0; time < digestAsksMax; time += 1) sendTo(peer, ask);
    await settle();
    const next = changeControl(peer);
    await received(next, 'continue');
    sendTo(next, ask);
    await received(next, 'digests');
    expect(peer.side.of('violation')).toEqual([]);
    peer.side.engine.close();
  });

  it('S7 that asks many questions at once has them answered one after the other', async () => {
    const peer = linkPeer(true);
    const { disk } = peer.side;
    let [reading, most] = [0, 0];
    const source = disk.source.bind(disk);
    disk.source = (...of) => ({
      ...source(...of),
      async digests(indexes) {
        reading += 1;
        most = Math.max(most, reading);
        await settle(3);
        reading -= 1;
        return indexes.map(() => null);
      },
    });
    const questions = 80;
    const { transfer } = await offeredBy(
      peer,
      Array.from({ length: questions }, (_, at) => file(1, `${at}`)),
    );
    for (let at = 0; at < questions; at += 1) sendTo(peer, { type: 'digest-request', transfer, indexes: [at] });
    await received(peer, 'digests', questions);
    expect(most).toBe(1);
    peer.side.engine.close();
  });

  it('S7 is answered about one transfer while the disk of another one hangs, and has no more than a few read at once', async () => {
    const clock = new VirtualClock();
    const peer = linkPeer(true, new Side(new MemoryDisk(), { clock }));
    const { disk } = peer.side;
    let [begun, hang] = [0, true];
    const source = disk.source.bind(disk);
    disk.source = (...of) => ({
      ...source(...of),
      digests(indexes) {
        begun += 1;
        return hang ? new Promise(() => undefined) : Promise.resolve(indexes.map(() => null));
      },
    });
    const { transfer } = await offeredBy(
      peer,
      Array.from({ length: 8 }, (_, at) => file(1, `${at}`)),
    );
    const ask = (at: number) => sendTo(peer, { type: 'digest-request', transfer, indexes: [at] });
    ask(0);
    await settle();
    hang = false;
    ask(1);
    await settle();
    expect(begun).toBe(1);
    clock.advance(digestTurnMs);
    await received(peer, 'digests', 1);
    hang = true;
    for (let at = 2; at < 8; at += 1) ask(at);
    for (let minute = 0; minute < 8; minute += 1) {
      await settle();
      clock.advance(digestTurnMs);
    }
    await settle();
    // The one that was answered, those that take long, and the one that waits for one of these to end.
    expect(begun).toBe(1 + longDigestsMax + 1);
    peer.side.engine.close();
  });

  it('C19 that asks for the list again and again costs no more for a long list than for a short one', async () => {
    const cpuMsOf = async (files: number) => {
      const { peer, at } = await offered(Array.from({ length: files }, (_, nth) => file(1, `${nth}`)));
      const began = process.threadCpuUsage();
      for (let time = 0; time < askedReopensBurst; time += 1) sendTo(peer, { type: 'again', transfer: at.transfer });
      await received(peer, 'continue', askedReopensBurst);
      const { user, system } = process.threadCpuUsage(began);
      peer.side.engine.close();
      return (user + system) / 1000;
    };
    await cpuMsOf(10);
    expect(await cpuMsOf(20_000)).toBeLessThan(5 * (await cpuMsOf(10)) + 100);
  });

  it('S15 that has an offer sent again and again has each small picture drawn once, and one after the other', async () => {
    const peer = linkPeer(true);
    const drawn: number[] = [];
    const begun = Promise.withResolvers<void>();
    peer.side.disk.thumbnail = async (index) => {
      drawn.push(index);
      await begun.promise;
      if (index === 1) throw new Error('no picture');
      return 'UklGRg==';
    };
    const pictures = ['a.jpg', 'b.jpg', 'c.mp4'].map((name) => file(10, name));
    const { transfer } = await offeredBy(peer, pictures, { ...hello, features: ['thumbnails'] });
    const again = async () => {
      sendTo(peer, { type: 'again', transfer });
      await settle(5);
      sendTo(peer, { type: 'decline', transfer, code: 'transfer-unknown' });
      await settle(5);
    };
    const rounds = 20;
    for (let round = 0; round < rounds; round += 1) await again();
    await received(peer, 'offer', 1 + rounds);
    expect(drawn).toEqual([0]);
    begun.resolve();
    await received(peer, 'thumbnail', 2);
    await again();
    await received(peer, 'thumbnail', 4);
    expect(drawn).toEqual([0, 1, 2]);
    expect(peer.messages.filter(({ type }) => type === 'thumbnail').map(({ index }) => index)).toEqual([0, 2, 0, 2]);
    expect(peer.side.of('violation')).toEqual([]);
    peer.side.engine.close();
  });

  it('that asks for the list again and again gets it once, and no faster than it reads', async () => {
    const { peer, at } = await offered();
    for (let time = 0; time < 50; time += 1) sendTo(peer, { type: 'again', transfer: at.transfer });
    await settle();
    expect(peer.messages.filter(({ type }) => type === 'offer').length).toBeLessThanOrEqual(51);
    expect(peer.side.of('violation')).toEqual([]);
    peer.side.engine.close();
  });
});

describe('while the files move', () => {
  it('S2 that claims to have everything is taken at its word only with the hash of everything', async () => {
    for (const honest of [true, false]) {
      const { peer, at } = await offered();
      sendTo(
        peer,
        { type: 'held', transfer: at.transfer, ranges: [[0, 1]] },
        { type: 'accept', ...at, all: true, credit: 1 },
      );
      const { root } = await received(peer, 'complete');
      const told = honest ? root : 'f'.repeat(64);
      sendTo(peer, { type: 'delivered', transfer: at.transfer, root: told, faults: [], faultCount: 0 });
      await peer.side.reached(honest ? 'done' : 'failed');
      expect(peer.blocks).toEqual([]);
      peer.side.engine.close();
    }
  });

  it('S4 that grants a little and then nothing gets a little, and nothing piles up', async () => {
    const transfer = await accepted([file(60 * blockBytes)], 2);
    await block(transfer, 2);
    await settle(100);
    const { peer } = transfer;
    expect(peer.blocks).toHaveLength(2);
    expect(peer.side.disk.reads).toBeLessThanOrEqual(2 + 8);
    expect(peer.side.view()!.state).toBe('sending');
    peer.side.engine.command({ do: 'cancel', transfer: transfer.at.transfer });
    await peer.side.reached('cancelled');
    peer.side.engine.close();
  });

  it('S5 that grants more than anybody needs gets no more than the bound', async () => {
    const transfer = await accepted([file(60 * blockBytes)], 4096);
    await block(transfer, creditMaxBlocks);
    await settle(100);
    expect(transfer.peer.blocks).toHaveLength(creditMaxBlocks);
    transfer.peer.side.engine.close();
  });

  it('S12 that takes one block at a time gets one at a time, to the end', async () => {
    const transfer = await accepted(five, 1);
    const { peer, at } = transfer;
    for (let nth = 0; nth < 5; nth += 1) {
      await block(transfer, nth + 1);
      expect(peer.blocks).toHaveLength(nth + 1);
      // Which one it is depends on which was read and hashed first.
      const came = peer.blocks[nth]!;
      sendTo(peer, { type: 'stored', ...at, ranges: [[came, came + 1]], credit: 1 });
    }
    await received(peer, 'complete');
    peer.side.engine.close();
  });

  it('S9 that finds one block damaged for ever is told that the way is broken', async () => {
    const transfer = await accepted(small, 2);
    const { peer, at } = transfer;
    for (let nth = 0; nth <= blockRetriesMax; nth += 1) {
      await block(transfer, nth + 1);
      sendTo(peer, { type: 'nack', ...at, block: 0, why: 'damaged' });
    }
    expect(await received(peer, 'cancel')).toMatchObject({ code: 'block-damaged' });
    expect(peer.side.view()).toMatchObject({ state: 'failed', fault: { code: 'block-damaged' } });
    peer.side.engine.close();
  });

  it('S9 that finds block after block damaged, a few times each, is told the same', async () => {
    const blocks = Math.ceil((damagedBlocksMax + 1) / 2);
    const zeros = { path: ['zeros'], bytes: new Uint8Array(blocks * blockBytes) };
    const transfer = await accepted([zeros], creditMaxBlocks);
    const { peer, at } = transfer;
    const times = new Map<number, number>();
    for (let nth = 0, nacks = 0; nacks <= damagedBlocksMax; nth += 1) {
      await block(transfer, nth + 1);
      const came = peer.blocks[nth]!;
      const time = (times.get(came) ?? 0) + 1;
      times.set(came, time);
      if (time <= 2) nacks += 1;
      if (time <= 2) sendTo(peer, { type: 'nack', ...at, block: came, why: 'damaged' });
      else sendTo(peer, { type: 'stored', ...at, ranges: [[came, came + 1]], credit: creditMaxBlocks });
    }
    expect(await received(peer, 'cancel')).toMatchObject({ code: 'block-damaged' });
    peer.side.engine.close();
  }, 20_000);

  it('S9 whose disk is always full is told so in the end', async () => {
    const transfer = await accepted(small, 2);
    const { peer, at } = transfer;
    for (let nth = 0; nth <= unwrittenInARowMax; nth += 1) {
      await block(transfer, nth + 1);
      sendTo(peer, { type: 'nack', ...at, block: 0, why: 'unwritten' });
    }
    await peer.side.reached('failed');
    expect(peer.side.view()!.fault?.code).toBe('disk-full');
    peer.side.engine.close();
  }, 20_000);

  it.each([
    [
      'S11 a block that was not sent',
      (at: Offered, other: number) => ({ type: 'stored', ...at, ranges: [[other, other + 1]], credit: 1 }),
    ],
    ['S11 a block that does not exist', (at: Offered) => ({ type: 'stored', ...at, ranges: [[0, 9]], credit: 1 })],
    [
      'S11 one block thousands of times in one breath',
      (at: Offered, other: number) => {
        const came = (other + 4) % 5;
        return { type: 'stored', ...at, ranges: Array.from({ length: 4096 }, () => [came, came + 1]), credit: 1 };
      },
    ],
    ['S11 a range that runs backwards', (at: Offered) => ({ type: 'stored', ...at, ranges: [[1, 0]], credit: 1 })],
    [
      'S9 nothing of a block that was not sent',
      (at: Offered, other: number) => ({ type: 'nack', ...at, block: other, why: 'damaged' }),
    ],
    ['S1 what it holds, too late', ({ transfer }: Offered) => ({ type: 'held', transfer, ranges: [[0, 1]] })],
    ['C3 yes a second time', (at: Offered) => ({ type: 'accept', ...at, all: true, credit: 1 })],
    ['C3 no after its yes', ({ transfer }: Offered) => ({ type: 'decline', transfer })],
    ['S6 a question too late', ({ transfer }: Offered) => ({ type: 'digest-request', transfer, indexes: [0] })],
  ])('ends the link by saying that it has %s', async (_what, message) => {
    const transfer = await accepted(five, 1);
    await block(transfer, 1);
    const other = (transfer.peer.blocks[0]! + 1) % 5;
    sendTo(transfer.peer, message(transfer.at, other));
    await refused(transfer.peer);
  });

  it('S6 ends the link by delivering with a fault of a file that does not exist', async () => {
    const transfer = await accepted(small, 1);
    const { peer, at } = transfer;
    await block(transfer, 1);
    sendTo(peer, { type: 'stored', ...at, ranges: [[0, 1]], credit: 1 });
    const { root } = await received(peer, 'complete');
    const faults = [{ index: 1, code: 'disk-error' }];
    sendTo(peer, { type: 'delivered', transfer: at.transfer, root, faults, faultCount: 1 });
    await refused(peer);
    expect(peer.side.view()!.fileFaults).toEqual([]);
  });

  it('C7 that pauses and resumes right with its accept gets what it chose', async () => {
    const { peer, at } = await offered([file(3000), file(5000, 'b')]);
    const { transfer } = at;
    sendTo(peer, { type: 'choose', transfer, ranges: [[1, 2]] }, { type: 'accept', ...at, all: false, credit: 1 });
    sendTo(peer, { type: 'pause', transfer, why: 'person' }, { type: 'resume', transfer, why: 'person' });
    await block({ peer }, 1);
    sendTo(peer, { type: 'stored', ...at, ranges: [[0, 1]], credit: 1 });
    await received(peer, 'complete');
    expect(peer.side.view()).toMatchObject({ state: 'verifying', wantedBytes: 5000 });
    peer.side.engine.close();
  });

  it('may have stored only now what came before the link was another one: that is no violation', async () => {
    const transfer = await accepted(five, 5);
    const { peer, at } = transfer;
    await block(transfer, 5);
    const next = changeControl(peer);
    const { tag } = await received(next, 'continue');
    sendTo(next, { type: 'accept', transfer: at.transfer, tag, all: true, credit: 1 });
    sendTo(next, { type: 'stored', transfer: at.transfer, tag, ranges: [[0, 5]], credit: 1 });
    await received(next, 'complete');
    expect(peer.side.of('violation')).toEqual([]);
    peer.side.engine.close();
  });

  it('that failed and asks twice to begin again is told that it goes on, and gets no second offer', async () => {
    const transfer = await accepted(five, 1);
    const { peer, at } = transfer;
    await block(transfer, 1);
    sendTo(peer, { type: 'cancel', transfer: at.transfer, code: 'disk-error' });
    await peer.side.reached('failed');
    sendTo(peer, { type: 'again', transfer: at.transfer });
    await received(peer, 'continue');
    sendTo(peer, { type: 'again', transfer: at.transfer });
    await received(peer, 'continue', 2);
    expect(peer.messages.filter(({ type }) => type === 'offer')).toHaveLength(1);
    peer.side.engine.close();
  });

  it('may ask again for a block whose lane we closed meanwhile: that is no violation', async () => {
    const transfer = await accepted(small, 2);
    const { peer, at } = transfer;
    await block(transfer, 1);
    peer.lane.close();
    await peer.side.until(() => peer.side.of('channel-closed').length > 0);
    sendTo(peer, { type: 'nack', ...at, block: 0, why: 'unwritten' });
    await settle();
    addLane(peer, 2);
    await block(transfer, 2);
    sendTo(peer, { type: 'stored', ...at, ranges: [[0, 1]], credit: 1 });
    await received(peer, 'complete');
    expect(peer.side.of('violation')).toEqual([]);
    peer.side.engine.close();
  });
});
