// What failed, and is wanted no more: the person cancelled it as its link ended, or removed its row. It never goes on, and the other side
// hears of it, at once or on the next link. A sender that cannot go on with what it is asked for says so.

import { describe, expect, it, onTestFinished } from 'vitest';
import type { Disk } from '../../../engine/ports.ts';
import { openPageFiles, type PageFiles } from '../../../renderer/worker/page-files.ts';
import { Fault, type FaultCode } from '../../../shared/model/fault.ts';
import { resumeClaimsMax, transfersMaxLive } from '../../../shared/wire/limits.ts';
import { expectArrived, fileOf, linkTwo, MemoryDisk, type Pair, Side, sendFiles } from './engine-pair.ts';
import { hello, id, linkPeer, manifest, offer, proofsOf, received, sendTo, settle } from './scripted-peer.ts';

const patience = { interval: 2, timeout: 10_000 };
const files = [fileOf('big', 6_000_000)];

/** Some of it is on disk, and the rest waits until `goOn`. */
async function moving(): Promise<Pair & { readonly goOn: () => void }> {
  const pair = linkTwo(1);
  const isFree = Promise.withResolvers<void>();
  let writes = 0;
  pair.b.disk.beforeWrite = () => (++writes > 2 ? isFree.promise : Promise.resolve());
  await sendFiles(pair, files);
  await expect.poll(() => pair.b.disk.written, patience).toBe(2);
  return { ...pair, goOn: isFree.resolve };
}

/** Both people's link is over, and what was under way has failed. */
async function ended(): Promise<Pair> {
  const pair = await moving();
  pair.b.engine.command({ do: 'end', say: 'bye' });
  await pair.a.until(() => pair.a.of('peer-left').length > 0);
  pair.a.engine.command({ do: 'end', say: 'nothing' });
  pair.goOn();
  await settle();
  expect([pair.a.view()?.state, pair.b.view()?.state]).toEqual(['failed', 'failed']);
  return pair;
}

/** Its host does not open what it kept. */
function refuseToOpen({ disk }: Side, code: FaultCode): void {
  disk.reopening = Promise.reject(new Fault(code, 'on purpose'));
  // Nobody may ask.
  disk.reopening.catch(() => undefined);
}

const kept = ({ a, b }: Pair) => [a.disk.sends.size, b.disk.receives.size];
const viewsOf = (side: Side) => side.of('transfer').map(({ view }) => view.state);
const transferOf = (side: Side) => side.view()!.id;

describe('what failed with its link', () => {
  it.each(['a', 'b'] as const)('and is cancelled by %s then is cancelled for both on the next link', async (who) => {
    const pair = await ended();
    pair[who].engine.command({ do: 'cancel', transfer: transferOf(pair.a) });
    expect(pair[who].view()?.state).toBe('cancelled');
    const other = who === 'a' ? pair.b : pair.a;
    const again = linkTwo(1, { a: pair.a, b: pair.b });
    await other.reached('cancelled');
    await expect.poll(() => kept(again), patience).toEqual([0, 0]);
    expect([pair.a.disk.history.at(-1), pair.b.disk.history.at(-1)]).toEqual(['cancelled', 'cancelled']);
    expect(other.view()?.title).toBe('files');
    expect([...again.a.of('violation'), ...again.b.of('violation')]).toEqual([]);
  });

  it.each(['a', 'b'] as const)(
    'is cancelled for both where only the other side of %s was started again',
    async (who) => {
      const pair = await ended();
      pair[who].engine.command({ do: 'cancel', transfer: transferOf(pair.a) });
      const sides = who === 'a' ? { a: pair.a, b: new Side(pair.b.disk) } : { a: new Side(pair.a.disk), b: pair.b };
      const again = linkTwo(1, sides);
      await (who === 'a' ? again.b : again.a).reached('cancelled');
      await expect.poll(() => kept(again), patience).toEqual([0, 0]);
    },
  );

  it.each(['a', 'b'] as const)(
    'and is discarded by %s while another peer is linked goes on with nobody',
    async (who) => {
      const pair = await ended();
      const [mine, other] = who === 'a' ? [pair.a, pair.b] : [pair.b, pair.a];
      const third = who === 'a' ? linkTwo(1, { a: mine }) : linkTwo(1, { b: mine });
      await mine.until(() => mine.of('transfers-left').length > 0);
      const before = viewsOf(mine).length;
      mine.engine.command({ do: 'discard', transfer: transferOf(pair.a) });
      await expect.poll(() => (who === 'a' ? mine.disk.sends : mine.disk.receives).size, patience).toBe(0);
      (who === 'a' ? third.b : third.a).engine.close();
      linkTwo(1, { a: pair.a, b: pair.b });
      await other.reached('cancelled');
      await expect.poll(() => kept(pair), patience).toEqual([0, 0]);
      expect(viewsOf(mine)).toHaveLength(before);
    },
  );

  it.each(['a', 'b'] as const)(
    'and is discarded by %s, whose disk refuses that, is no error of the engine',
    async (who) => {
      const pair = await ended();
      const mine = pair[who];
      const third = linkTwo(1, { [who]: mine });
      await mine.until(() => mine.of('transfers-left').length > 0);
      let refused = 0;
      mine.disk.beforeForget = async () => {
        refused += 1;
        throw new Fault('disk-read-only', 'on purpose');
      };
      const unhandled: unknown[] = [];
      const note = (error: unknown) => unhandled.push(error);
      process.on('unhandledRejection', note);
      onTestFinished(() => void process.off('unhandledRejection', note));
      mine.engine.command({ do: 'discard', transfer: transferOf(pair.a) });
      await expect.poll(() => refused, patience).toBe(1);
      await settle();
      expect(unhandled).toEqual([]);
      (who === 'a' ? third.b : third.a).engine.close();
    },
  );

  it.each(['a', 'b'] as const)(
    'and is discarded by %s in another run, where only the host knows of it, ends for the other side',
    async (who) => {
      const pair = await ended();
      const other = pair[who === 'a' ? 'b' : 'a'];
      const mine = new Side(pair[who].disk);
      const { disk } = mine;
      const discarded = (await disk.claims()).map((claim) => ({ ...claim, isDiscarded: true as const }));
      disk.sends.clear();
      disk.receives.clear();
      disk.claims = async () => discarded;
      const again = linkTwo(1, { a: pair.a, b: pair.b, [who]: mine });
      await other.reached('cancelled');
      await expect.poll(() => kept(again), patience).toEqual([0, 0]);
      expect(viewsOf(mine)).toEqual([]);
      expect([...again.a.of('violation'), ...again.b.of('violation')]).toEqual([]);
    },
  );

  it('is in place where it was published and only its sender does not know: a cancel changes nothing', async () => {
    const pair = linkTwo(1);
    const cut = Promise.withResolvers<void>();
    pair.controls[1].alter = (item) => {
      if (!String(item).includes('"delivered"')) return item;
      for (const one of pair.controls) one.isCut = true;
      cut.resolve();
      return '{"type":"x-lost"}';
    };
    await sendFiles(pair, files);
    await cut.promise;
    await pair.b.reached('done');
    for (const side of [pair.a, pair.b]) side.engine.command({ do: 'end', say: 'nothing' });
    pair.a.engine.command({ do: 'cancel', transfer: transferOf(pair.a) });
    linkTwo(1, { a: pair.a, b: pair.b });
    await expect.poll(() => pair.b.disk.receives.size, patience).toBe(0);
    expect(pair.b.view()?.state).toBe('done');
    expect(pair.b.disk.published.size).toBe(1);
  });

  it('and is called off many times while it is looked up is looked up once', async () => {
    const pair = await ended();
    const { disk } = pair.b;
    let opened = 0;
    const isOpened = Promise.withResolvers<void>();
    const { sink } = disk;
    disk.sink = (transfer) => {
      const own = sink.call(disk, transfer);
      const reopen = () => {
        opened += 1;
        return isOpened.promise.then(own.reopen);
      };
      return { ...own, reopen };
    };
    const peer = linkPeer(true, new Side(disk));
    const claims = await proofsOf(peer, 'send');
    sendTo(peer, hello, { type: 'claims', claims });
    for (let time = 0; time < 50; time += 1) sendTo(peer, { type: 'cancel', transfer: transferOf(pair.b) });
    await expect.poll(() => opened, patience).toBe(1);
    await settle();
    expect(opened).toBe(1);
    isOpened.resolve();
    await peer.side.reached('cancelled');
    await expect.poll(() => disk.receives.size, patience).toBe(0);
    expect(peer.side.of('violation')).toEqual([]);
    peer.side.engine.close();
  });

  it('and is gone on with many times while the host hangs is looked up once, and no more of them wait than there can be', async () => {
    const disk = new MemoryDisk();
    const isThere = Promise.withResolvers<void>();
    disk.claims = () => isThere.promise.then(() => []);
    const peer = linkPeer(true, new Side(disk));
    sendTo(peer, hello, { type: 'claims', claims: [] });
    for (let time = 0; time < 50; time += 1) sendTo(peer, { type: 'continue', transfer: id, tag: time });
    for (let nth = 0; nth < 200; nth += 1)
      sendTo(peer, { type: 'continue', transfer: `${nth}`.padStart(32, '0'), tag: 1 });
    await settle();
    isThere.resolve();
    const declined = () => peer.messages.filter(({ type }) => type === 'decline').map(({ transfer }) => transfer);
    await expect.poll(() => declined().length, patience).toBeGreaterThan(0);
    await settle();
    expect(declined().filter((transfer) => transfer === id)).toHaveLength(1);
    expect(declined()).toHaveLength(transfersMaxLive + resumeClaimsMax);
    peer.side.engine.close();
  });

  it('and was cancelled while it was being put in place, which fails when another peer is linked, is cancelled for both', async () => {
    const pair = linkTwo(1);
    const { a, b } = pair;
    const isPublished = Promise.withResolvers<void>();
    b.disk.publishing = isPublished.promise;
    b.disk.publishFault = 'disk-error';
    await sendFiles(pair, files);
    await expect.poll(() => b.disk.publishings, patience).toBe(1);
    b.engine.command({ do: 'cancel', transfer: transferOf(b) });
    for (const side of [a, b]) side.engine.command({ do: 'end', say: 'nothing' });
    const third = linkTwo(1, { b });
    await b.until(() => b.of('transfers-left').length > 0);
    isPublished.resolve();
    await b.reached('cancelled');
    await settle();
    third.a.engine.close();
    linkTwo(1, { a, b });
    await a.reached('cancelled');
    await expect.poll(() => kept(pair), patience).toEqual([0, 0]);
  });

  it('is not ended by whoever has not proven it', async () => {
    const pair = await ended();
    const peer = linkPeer(true, new Side(pair.b.disk));
    sendTo(peer, hello, { type: 'claims', claims: [] }, { type: 'cancel', transfer: transferOf(pair.b) });
    await settle();
    expect(pair.b.disk.receives.size).toBe(1);
    sendTo(peer, { type: 'ping', n: 1 });
    await received(peer, 'pong');
    peer.side.engine.close();
  });

  it('is gone on with by an older peer that knows no such cancel, and told that it is cancelled', async () => {
    const pair = await ended();
    pair.b.engine.command({ do: 'cancel', transfer: transferOf(pair.b) });
    const [claim] = await proofsOf({ side: pair.a } as Parameters<typeof proofsOf>[0], 'send');
    const peer = linkPeer(true, pair.b);
    sendTo(peer, hello, { type: 'claims', claims: [claim] });
    sendTo(peer, { type: 'continue', transfer: transferOf(pair.a), tag: 9 });
    expect(await received(peer, 'cancel', 2)).toEqual({ type: 'cancel', transfer: transferOf(pair.a) });
    expect(peer.side.of('violation')).toEqual([]);
    peer.side.engine.close();
  });
});

describe('files that the page holds', () => {
  /** The page's half of a disk; the host's half is in memory. */
  function pageSide(): { readonly side: Side; readonly page: PageFiles } {
    const disk = new MemoryDisk();
    const page = openPageFiles({ sendBytes: async () => false, draw: undefined });
    const port: Disk = {
      source: (transfer, from) =>
        from.is === 'files' ? page.hold(transfer, from) : (page.held(transfer) ?? disk.source(transfer, from)),
      sink: (transfer) => disk.sink(transfer),
      claims: async () => [...page.claims(), ...(await disk.claims())],
      addHistory: disk.addHistory,
    };
    return { side: new Side(disk, {}, port), page };
  }

  it.each(['at once', 'while another peer is linked'])(
    'are sent no more once their row is removed %s',
    async (when) => {
      const { side: a, page } = pageSide();
      const pair = linkTwo(1, { a });
      pair.b.disk.beforeWrite = () => new Promise(() => undefined);
      await a.until(() => a.of('peer-name').length > 0);
      const file = new File(['x'.repeat(3_000)], 'a.txt');
      a.engine.command({ do: 'send-files', files: [{ path: ['a.txt'], file }], emptyFolders: [], transfer: id });
      await pair.b.reached('receiving');
      for (const side of [a, pair.b]) side.engine.command({ do: 'end', say: 'nothing' });
      await a.reached('failed');
      await settle();
      if (when === 'while another peer is linked') {
        linkTwo(1, { a }).b.engine.close();
        await a.until(() => a.of('transfers-left').length > 0);
      }
      a.engine.command({ do: 'discard', transfer: id });
      await expect.poll(() => page.claims(), patience).toEqual([]);
      pair.b.disk.beforeWrite = () => Promise.resolve();
      linkTwo(1, { a, b: pair.b });
      await pair.b.reached('cancelled');
      expect(pair.b.disk.published.size).toBe(0);
    },
  );
});

describe('what failed while its link is open', () => {
  async function failed(): Promise<Pair> {
    const pair = await moving();
    pair.goOn();
    pair.b.disk.beforeWrite = () => Promise.reject(new Fault('disk-denied', 'on purpose'));
    await Promise.all([pair.a.reached('failed'), pair.b.reached('failed')]);
    pair.b.disk.beforeWrite = () => Promise.resolve();
    return pair;
  }

  it.each(['a', 'b'] as const)(
    'and is discarded by %s ends for the other side, and comes back for nobody',
    async (who) => {
      const pair = await failed();
      const [mine, other] = who === 'a' ? [pair.a, pair.b] : [pair.b, pair.a];
      const before = viewsOf(mine).length;
      mine.engine.command({ do: 'discard', transfer: transferOf(pair.a) });
      await other.reached('cancelled');
      await expect.poll(() => kept(pair), patience).toEqual([0, 0]);
      expect(mine.events.filter(({ is }) => is === 'discarded' || is === 'transfer').at(-1)?.is).toBe('discarded');
      other.engine.command({ do: 'retry', transfer: transferOf(pair.a) });
      await settle();
      expect(viewsOf(mine)).toHaveLength(before);
      expect(other.view()?.state).toBe('cancelled');
    },
  );

  it('and is lost by the host of its sender is known to nobody any more, which Try again is told', async () => {
    const pair = await failed();
    refuseToOpen(pair.a, 'transfer-unknown');
    pair.b.engine.command({ do: 'retry', transfer: transferOf(pair.b) });
    await pair.b.until(() => pair.b.view()?.fault?.code === 'transfer-unknown');
    expect(pair.b.view()).toMatchObject({ state: 'failed', resumable: false });
    await expect.poll(() => pair.b.disk.receives.size, patience).toBe(0);
  });

  it('and cannot be read by the host of its sender says so to Try again, and goes on later', async () => {
    const pair = await failed();
    refuseToOpen(pair.a, 'data-unreadable');
    pair.b.engine.command({ do: 'retry', transfer: transferOf(pair.b) });
    await pair.b.until(() => pair.b.view()?.fault?.code === 'data-unreadable');
    expect(pair.b.view()).toMatchObject({ state: 'failed', resumable: true });
    pair.a.disk.reopening = Promise.resolve();
    // A button that is pressed twice within a moment asks once.
    await expect
      .poll(() => {
        pair.b.engine.command({ do: 'retry', transfer: transferOf(pair.b) });
        return pair.b.view()?.state;
      }, patience)
      .toBe('done');
    expectArrived(pair, files);
  });

  it('keeps the reason of this side where the other one repeats on another channel what it was told', async () => {
    const pair = await failed();
    const again = linkTwo(1, { a: pair.a, b: pair.b, fresh: false });
    await again.b.until(() => again.b.of('peer-name').length > 1);
    await settle();
    expect(pair.b.view()?.fault?.code).toBe('disk-denied');
  });
});

it('a cancelled transfer that is wanted again is cancelled once more: they have not heard of it', async () => {
  const peer = linkPeer(true);
  const { side } = peer;
  sendTo(peer, hello);
  await side.until(() => side.of('peer-name').length > 0);
  side.disk.files = [fileOf('small', 10)];
  side.engine.command({ do: 'send-items', items: ['x'] });
  const { transfer } = await received(peer, 'offer');
  side.engine.command({ do: 'cancel', transfer: transfer as string });
  await received(peer, 'cancel');
  sendTo(peer, { type: 'again', transfer });
  await received(peer, 'cancel', 2);
  side.engine.close();
});

it('a cancel of what has failed here counts, and only once', async () => {
  const peer = linkPeer(true);
  const { side } = peer;
  sendTo(peer, hello, offer, manifest);
  await received(peer, 'accept');
  sendTo(peer, { type: 'cancel', transfer: id, code: 'source-unreadable' });
  await side.reached('failed');
  for (let time = 0; time < 3; time += 1) sendTo(peer, { type: 'cancel', transfer: id });
  await side.reached('cancelled');
  await settle();
  expect(side.disk.history).toEqual(['failed', 'cancelled']);
  side.engine.close();
});
