// What a transfer promises, whichever kind of lane carries its blocks: data channels of the page, or a direct lane of the hosts.

import { describe, expect, it } from 'vitest';
import { creditMaxBlocks } from '../../../shared/wire/limits.ts';
import { type DirectPair, directLaneUp, linkOverDirectLane } from './direct-hosts.ts';
import {
  bytesDoneAt,
  expectArrived,
  fileOf,
  linkTwo,
  type MemoryDisk,
  type Pair,
  Side,
  sendFiles,
} from './engine-pair.ts';
import type { MemoryFile } from './memory-files.ts';

type Bytes = Uint8Array<ArrayBuffer>;

type LaneKind<P extends Pair> = {
  readonly link: (disks?: readonly [MemoryDisk, MemoryDisk]) => P;
  readonly ready: (pair: P) => Promise<void>;
  /** The lane over which blocks go ends in the middle of one. */
  readonly kill: (pair: P) => void;
  /** Changes a block's bytes on their way to b. */
  readonly alter: (pair: P, change: (bytes: Bytes) => Bytes) => void;
  /** Blocks that came to b over another kind of lane. */
  readonly strays: (pair: P) => number;
};

const mebibyte = 1024 * 1024;
function damaged(bytes: Bytes): Bytes {
  const bad = new Uint8Array(bytes);
  bad[100]! ^= 1;
  return bad;
}

function contract<P extends Pair>({ link, ready, kill, alter, strays }: LaneKind<P>): void {
  async function send(pair: P, files: readonly MemoryFile[]): Promise<void> {
    await ready(pair);
    await sendFiles(pair, files);
  }

  function expectSame(pair: P, files: readonly MemoryFile[]): void {
    expectArrived(pair, files);
    expect(strays(pair)).toBe(0);
  }

  it('arrives byte for byte, within the credit, and both sides show one root hash', async () => {
    const pair = link();
    const files = [fileOf('big', 9_500_000), fileOf('none', 0), fileOf('small', 12), fileOf('other', 3_000_001)];
    await send(pair, files);
    await pair.a.reached('done');
    expectSame(pair, files);
    expect(pair.a.view()!.rootHash).toBe(pair.b.view()!.rootHash);
    expect(pair.b.disk.mostInFlight).toBeLessThanOrEqual(creditMaxBlocks);
  });

  it('of many small files is one stream of few blocks', async () => {
    const pair = link();
    const files = Array.from({ length: 3_000 }, (_, at) => fileOf(`n${at}`, 700));
    await send(pair, files);
    await pair.a.reached('done');
    expectSame(pair, files);
    expect(pair.b.disk.written).toBe(3);
  });

  it('goes both ways at once, both offered in one moment (S14)', async () => {
    const pair = link();
    const [one, two] = [[fileOf('one', 6_000_000)], [fileOf('two', 7_000_000)]];
    pair.b.disk.files = two;
    await pair.b.until(() => pair.b.of('peer-name').length > 0);
    await send(pair, one);
    pair.b.engine.command({ do: 'send-items', items: ['y'] });
    const done = (side: Side) =>
      side.until(() => side.of('transfer').filter(({ view }) => view.state === 'done').length === 2);
    await Promise.all([done(pair.a), done(pair.b)]);
    expectSame(pair, one);
    expect(Buffer.compare(pair.a.disk.published.get('top/two')!, two[0]!.bytes as Uint8Array)).toBe(0);
  });

  it('of several at once, each arrives', async () => {
    const pair = link();
    const files = [fileOf('one', 5_000_000)];
    await send(pair, files);
    for (let more = 0; more < 2; more += 1) pair.a.engine.command({ do: 'send-items', items: ['x'] });
    await pair.a.until(
      () => new Set(pair.a.of('transfer').flatMap(({ view }) => (view.state === 'done' ? [view.id] : []))).size === 3,
    );
    expectSame(pair, files);
  });

  it('names a file that vanished and delivers the rest', async () => {
    const pair = link();
    const files: MemoryFile[] = [fileOf('a', 500), { path: ['top', 'gone'], bytes: 'missing' }, fileOf('b', 500)];
    await send(pair, files);
    await pair.a.reached('done');
    expectSame(pair, files);
    for (const side of [pair.a, pair.b])
      expect(side.view()!.fileFaults).toEqual([{ path: ['top', 'gone'], code: 'source-missing' }]);
    expect(pair.b.disk.published.has('top/gone')).toBe(false);
    await expect
      .poll(() => [pair.a, pair.b].map(({ disk }) => disk.history))
      .toEqual(Array(2).fill(['done without 1']));
  });

  it('leaves out what is already there when asked to skip', async () => {
    const pair = link();
    pair.b.autoAccept = 'skip';
    const files = [fileOf('here', 2_000_000), fileOf('new', 1000)];
    pair.b.disk.published.set('top/here', files[0]!.bytes as Uint8Array);
    await send(pair, files);
    await pair.a.reached('done');
    expectSame(pair, files);
    expect(pair.b.disk.written).toBe(1);
  });

  it('brings only the files that were chosen', async () => {
    const pair = link();
    pair.b.autoAccept = undefined;
    const files = [fileOf('one', 2_000_000), fileOf('two', 2_000_000), fileOf('three', 500)];
    await send(pair, files);
    await pair.b.until(() => pair.b.of('offer').length > 0);
    const { transfer } = pair.b.of('offer')[0]!;
    pair.b.disk.selection = [
      [0, 1],
      [2, 3],
    ];
    pair.b.engine.command({ do: 'accept', transfer, conflict: 'keep-both' });
    await pair.a.reached('done');
    expectSame(pair, [files[0]!, files[2]!]);
    expect(pair.b.disk.published.has('top/two')).toBe(false);
  });

  it('stops when a person pauses it, and goes on', async () => {
    const pair = link();
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    pair.b.disk.beforeWrite = () => (pair.b.disk.written < 2 ? Promise.resolve() : held);
    const files = [fileOf('big', 20 * mebibyte)];
    await send(pair, files);
    await pair.b.until(() => bytesDoneAt(pair.b) > 0);
    pair.a.engine.command({ do: 'pause', transfer: pair.a.view()!.id });
    await pair.a.reached('paused');
    release();
    pair.a.engine.command({ do: 'resume', transfer: pair.a.view()!.id });
    await pair.a.reached('done');
    expectSame(pair, files);
  });

  it('survives the death of its lane in the middle of a block', async () => {
    const pair = link();
    const files = [fileOf('big', 30 * mebibyte)];
    await send(pair, files);
    await pair.b.until(() => bytesDoneAt(pair.b) > 0);
    kill(pair);
    await pair.a.reached('done');
    for (const { path, bytes } of files)
      expect(Buffer.compare(pair.b.disk.published.get(path.join('/'))!, bytes as Uint8Array)).toBe(0);
    expect([...pair.a.of('violation'), ...pair.b.of('violation')]).toEqual([]);
  });

  it('asks again for a block that arrived damaged', async () => {
    const pair = link();
    const files = [fileOf('big', 3_000_000)];
    let isDone = false;
    alter(pair, (bytes) => {
      if (isDone) return bytes;
      isDone = true;
      return damaged(bytes);
    });
    await send(pair, files);
    await pair.a.reached('done');
    expect(isDone).toBe(true);
    expectSame(pair, files);
  });

  it('fails by name when every copy of a block is damaged', async () => {
    const pair = link();
    alter(pair, damaged);
    await send(pair, [fileOf('x', 5000)]);
    await pair.a.reached('failed');
    expect(pair.a.view()!.fault?.code).toBe('block-damaged');
    expect(pair.b.view()!.fault?.code).toBe('block-damaged');
    expect(pair.b.disk.published.size).toBe(0);
  });

  it.each(['a', 'b'] as const)('leaves nothing to come back to when a person cancels it on side %s', async (side) => {
    const pair = link();
    pair.b.disk.roomBlocks = 5;
    await send(pair, [fileOf('big', 40_000_000)]);
    await pair.a.until(() => pair.a.view()?.pause === 'disk');
    pair[side].engine.command({ do: 'cancel', transfer: pair[side].view()!.id });
    await Promise.all([pair.a.reached('cancelled'), pair.b.reached('cancelled')]);
    expect([pair.a.view()!.resumable, pair.b.view()!.resumable]).toEqual([false, false]);
    await expect.poll(() => [pair.a.disk.sends.size, pair.b.disk.receives.size]).toEqual([0, 0]);
  });

  it('waits for room on a full disk, says how much, and goes on', async () => {
    const pair = link();
    pair.b.disk.roomBlocks = 5;
    const files = [fileOf('big', 12_000_000)];
    await send(pair, files);
    await pair.a.until(() => pair.a.view()?.pause === 'disk');
    expect(pair.a.view()!.fault).toEqual({ code: 'disk-full', detail: { neededBytes: 100, freeBytes: 7 } });
    expect(pair.b.view()!.pause).toBe('disk');
    pair.b.disk.roomBlocks = Number.POSITIVE_INFINITY;
    pair.b.engine.command({ do: 'resume', transfer: pair.b.view()!.id });
    await pair.a.reached('done');
    expectSame(pair, files);
  });

  it('carries on over another control, sending only what is not held', async () => {
    const pair = link();
    const files = [fileOf('big', 40_000_000)];
    await send(pair, files);
    await pair.b.until(() => pair.b.disk.written >= 10 && pair.b.of('progress').length > 0);
    for (const control of pair.controls) control.isCut = true;
    const again = linkTwo(1, { a: pair.a, b: pair.b, fresh: false });
    await again.a.reached('done');
    expect(Buffer.compare(pair.b.disk.published.get('top/big')!, files[0]!.bytes as Uint8Array)).toBe(0);
    expect(pair.b.disk.written).toBeLessThanOrEqual(39 + creditMaxBlocks);
  });

  it('is taken up the next day by new engines, when both prove the same secret', async () => {
    const pair = link();
    const files = [fileOf('big', 20_000_000)];
    pair.b.disk.roomBlocks = 6;
    await send(pair, files);
    await pair.a.until(() => pair.a.view()?.pause === 'disk');
    pair.a.engine.close();
    pair.b.engine.close();
    pair.b.disk.roomBlocks = Number.POSITIVE_INFINITY;
    const next = link([pair.a.disk, pair.b.disk]);
    await next.a.reached('done');
    expect(Buffer.compare(next.b.disk.published.get('top/big')!, files[0]!.bytes as Uint8Array)).toBe(0);
    expect(next.b.disk.written).toBe(20);
  });
}

describe('a transfer over data channels', () => {
  contract<Pair>({
    link: (disks) => (disks === undefined ? linkTwo(2) : linkTwo(2, { a: new Side(disks[0]), b: new Side(disks[1]) })),
    ready: async () => undefined,
    kill: (pair) => pair.lanes[1]![0].close(),
    alter: (pair, change) => {
      for (const [end] of pair.lanes)
        end.alter = (message) => (typeof message === 'string' ? message : change(message));
    },
    strays: () => 0,
  });
});

describe('a transfer over a direct lane', () => {
  contract<DirectPair>({
    link: (disks) => linkOverDirectLane(disks === undefined ? {} : { disks }),
    ready: directLaneUp,
    kill: (pair) => pair.hosts[0].kill(),
    alter: (pair, change) => {
      pair.hosts[1].alter = change;
    },
    strays: ({ b, hosts }) => Math.max(0, b.disk.written - hosts[1].carried),
  });

  it('ends where all of it is stored before the host answers for any of its blocks', async () => {
    const pair = linkOverDirectLane();
    const answered = Promise.withResolvers<void>();
    pair.hosts[0].answers = answered.promise;
    await directLaneUp(pair);
    const files = [fileOf('big', 3_500_000)];
    await sendFiles(pair, files);
    await pair.a.until(() => bytesDoneAt(pair.a) === 3_500_000);
    answered.resolve();
    await pair.a.reached('done');
    expectArrived(pair, files);
  });
});
