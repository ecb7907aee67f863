// What the engine promises of a direct lane, with both hosts in memory.

import { describe, expect, it, vi } from 'vitest';
import type { Clock } from '../../../shared/model/clock.ts';
import { directAgainMs, directBriefMs, directPlacesMax } from '../../../shared/wire/limits.ts';
import { directLaneUp, joinHosts, linkOverDirectLane, MemoryHost } from './direct-hosts.ts';
import { bytesDoneAt, expectArrived, fileOf, linkTwo, MemoryDisk, realClock, Side, sendFiles } from './engine-pair.ts';
import { hello, linkPeer, received, refused, sendTo, settle } from './scripted-peer.ts';

const mebibyte = 1024 * 1024;
describe('with a direct lane', () => {
  it('every block goes over it, and none through the page', async () => {
    const pair = linkOverDirectLane();
    await directLaneUp(pair);
    const read = vi.spyOn(pair.hosts[1], 'store');
    const files = [fileOf('big', 9_500_000), fileOf('none', 0), fileOf('small', 12)];
    await sendFiles(pair, files);
    await pair.a.reached('done');
    expectArrived(pair, files);
    expect(pair.hosts[1].carried).toBe(10);
    expect(read).toHaveBeenCalledTimes(10);
    expect(pair.a.view()!.rootHash).toBe(pair.b.view()!.rootHash);
  });

  it.each(Array.from({ length: 25 }, (_, seed) => seed + 1))(
    'four kills in mid-block, seed %i: identical, and nothing is written twice at the same time',
    async (seed) => {
      const pair = linkOverDirectLane();
      await directLaneUp(pair);
      const files = [fileOf('big', 12 * mebibyte + seed)];
      await sendFiles(pair, files);
      for (const share of [0.1, 0.3, 0.5, 0.8]) {
        const [host] = pair.hosts;
        await pair.b.until(() => bytesDoneAt(pair.b) >= share * 12 * mebibyte);
        if (seed % 2 === 0) await new Promise((resolve) => setImmediate(resolve));
        host.kill();
        for (const { met } of pair.hosts) expect(met).toBeGreaterThan(0);
        if (seed % 3 === 0) for (const { engine } of [pair.a, pair.b]) engine.command({ do: 'link-state', up: true });
      }
      await pair.a.reached('done');
      expectArrived(pair, files);
    },
  );

  it('is given up when the link goes down, and met again when it is back', async () => {
    const pair = linkOverDirectLane();
    await directLaneUp(pair);
    const files = [fileOf('big', 6 * mebibyte)];
    await sendFiles(pair, files);
    await pair.b.until(() => bytesDoneAt(pair.b) > 0);
    for (const { engine } of [pair.a, pair.b]) engine.command({ do: 'link-state', up: false });
    await pair.a.until(() => pair.a.of('direct-lane').at(-1)?.isUp === false);
    for (const { engine } of [pair.a, pair.b]) engine.command({ do: 'link-state', up: true });
    await pair.a.reached('done');
    expectArrived(pair, files);
  });

  it('is given up when the link goes on over another connection, although nobody saw it go down', async () => {
    const pair = linkOverDirectLane();
    await directLaneUp(pair);
    const files = [fileOf('big', 30 * mebibyte)];
    await sendFiles(pair, files);
    await pair.b.until(() => bytesDoneAt(pair.b) > 0);
    // The address changed: nothing passes over the old one any more.
    for (const host of pair.hosts) host.isBlackHole = true;
    linkTwo(1, { ...pair, fresh: false });
    await pair.a.until(() => pair.a.of('direct-lane').at(-1)?.isUp === false);
    for (const host of pair.hosts) host.isBlackHole = false;
    await pair.a.reached('done');
    expectArrived(pair, files);
    // On a busy machine everything may have come over the other lanes before it is up again.
    await pair.a.until(() => pair.a.of('direct-lane').at(-1)?.isUp === true);
  });

  it('that takes blocks of which none is stored gives them back after 10 s, and rests: for 10 s, and for a minute where it does so again', async () => {
    const time = skippingClock();
    const pair = linkOverDirectLane({ clock: time.clock });
    await directLaneUp(pair);
    const [host] = pair.hosts;
    const isUsed = () => pair.a.of('direct-lane').at(-1)?.isUp;
    const skipSeconds = async (count: number) => {
      for (let second = 0; second < count; second += 1) await time.skip(1_000);
    };
    const done = () => pair.a.of('transfer').filter(({ view }) => view.state === 'done').length;
    async function sendAndStall(): Promise<void> {
      const before = done();
      await sendFiles(pair, [fileOf(`big ${before}`, 30 * mebibyte)]);
      await pair.a.until(() => pair.a.view()?.state === 'sending');
      await skipSeconds(9);
      expect(isUsed()).toBe(true);
      await skipSeconds(3);
      expect(isUsed()).toBe(false);
      await pair.a.until(() => done() > before);
      expect([host.isUp, isUsed()]).toEqual([true, false]);
    }
    host.isBlackHole = true;
    await sendAndStall();
    await skipSeconds(11);
    expect(isUsed()).toBe(true);
    await sendAndStall();
    await skipSeconds(55);
    expect(isUsed()).toBe(false);
    await skipSeconds(6);
    expect(isUsed()).toBe(true);
    // What it carries shows that whatever was in its way is gone.
    host.isBlackHole = false;
    const before = done();
    await sendFiles(pair, [fileOf('well', 30 * mebibyte)]);
    await pair.a.until(() => pair.a.view()?.state === 'sending');
    while (done() === before) await time.skip(1_000);
    host.isBlackHole = true;
    await sendAndStall();
    await skipSeconds(11);
    expect(isUsed()).toBe(true);
  });

  it('that ends soon after it came up is dialled again after pauses that grow, and at once where it was up for long', async () => {
    const time = skippingClock();
    const pair = linkOverDirectLane({ clock: time.clock });
    await directLaneUp(pair);
    const [host] = pair.hosts;
    const isUp = () => host.isUp;
    for (const pauseMs of directAgainMs) {
      host.kill();
      for (const { engine } of [pair.a, pair.b]) engine.command({ do: 'link-state', up: true });
      await time.skip(pauseMs - 1_000);
      expect(isUp()).toBe(false);
      await time.skip(1_100);
      expect(isUp()).toBe(true);
    }
    await time.skip(directBriefMs);
    host.kill();
    await vi.waitFor(() => expect(isUp()).toBe(true));
  });

  it('F21 that the other side brings up and drops in turns is used again only after a pause', async () => {
    const time = skippingClock();
    const pair = linkOverDirectLane({ clock: time.clock, canMeet: false });
    const [host] = pair.hosts;
    const { a, lanes } = pair;
    const isUsed = () => a.of('direct-lane').at(-1)?.isUp;
    const uses = () => a.of('direct-lane').filter(({ isUp }) => isUp).length;
    await vi.waitFor(() => expect(host.met).toBeGreaterThan(0));
    for (const [wire] of lanes) wire.unread = [];
    await sendFiles(pair, [fileOf('big', 64 * mebibyte)]);
    await vi.waitFor(() => expect(a.disk.reads).toBeGreaterThan(0));
    async function comeAndGo(): Promise<void> {
      host.comeUp();
      await settle();
      host.kill();
    }
    // One that ended once is used as soon as it is back.
    for (let times = 0; times < 2; times += 1) await comeAndGo();
    expect(uses()).toBe(2);
    await settle();
    const { reads } = a.disk;
    for (let times = 0; times < 20; times += 1) await comeAndGo();
    expect([uses(), a.disk.reads]).toEqual([2, reads]);
    host.comeUp();
    await time.skip(directAgainMs.at(-1)! - 2_000);
    expect(isUsed()).toBe(false);
    await time.skip(2_000);
    expect(isUsed()).toBe(true);
    for (const { engine } of [a, pair.b]) engine.close();
  });

  it('of which the other side says again and again where to find it, the link ends', async () => {
    const host = new MemoryHost();
    const peer = linkPeer(true, new Side(new MemoryDisk(), { direct: host }));
    sendTo(peer, { ...hello, features: ['direct-lane'] });
    await received(peer, 'direct');
    const place = (port: number) => ({ type: 'direct', fingerprint: 'cd'.repeat(32), port });
    for (let port = 0; port < directPlacesMax; port += 1) sendTo(peer, place(40_000 + port));
    await settle();
    expect(peer.side.of('violation')).toEqual([]);
    sendTo(peer, place(50_000));
    await refused(peer);
    expect(host.met).toBeLessThanOrEqual(directPlacesMax + 1);
  });

  it('whose host answers late, after the link moved many times, is told of once, and after the hello', async () => {
    const hosts = [new MemoryHost(), new MemoryHost()] as const;
    joinHosts(hosts[0], hosts[1]);
    const late = Promise.withResolvers<void>();
    const { listen } = hosts[0];
    hosts[0].listen = async () => {
      await late.promise;
      return listen();
    };
    const [a, b] = hosts.map((direct) => new Side(new MemoryDisk(), { direct })) as [Side, Side];
    linkTwo(1, { a, b });
    for (let times = 0; times <= directPlacesMax; times += 1) {
      await settle();
      linkTwo(1, { a, b, fresh: false });
    }
    late.resolve();
    for (const { engine } of [a, b]) engine.command({ do: 'peer-address', address: '192.168.1.7' });
    await Promise.race([directLaneUp({ a, b }), b.until(() => b.of('violation').length > 0)]);
    expect([a.of('violation'), b.of('violation')]).toEqual([[], []]);
    for (const { engine } of [a, b]) engine.close();
  });

  it.each([
    ['breaks the rules', (host: MemoryHost) => host.refuse()],
    ['came up', (host: MemoryHost) => host.comeUp()],
  ])('that %s in the last moment of its link, the next link hears nothing of (C18)', async (_, happen) => {
    const pair = linkOverDirectLane();
    const { a, hosts } = pair;
    await directLaneUp(pair);
    a.engine.command({ do: 'end', say: 'nothing' });
    const told = a.of('direct-lane').length;
    hosts[0].peer = undefined;
    linkTwo(1, { a });
    // The host has not heard of the end yet.
    happen(hosts[0]);
    await settle();
    expect([a.of('violation'), a.of('direct-lane').slice(told)]).toEqual([[], []]);
  });

  it('whose other end breaks the rules, the link ends', async () => {
    const pair = linkOverDirectLane();
    await directLaneUp(pair);
    pair.hosts[1].refuse();
    await pair.b.until(() => pair.b.of('violation').length === 1);
  });
});

describe('without one', () => {
  it('everything goes over data channels while the hosts do not meet', async () => {
    const pair = linkOverDirectLane({ canMeet: false });
    const files = [fileOf('big', 3_000_000)];
    await sendFiles(pair, files);
    await pair.a.reached('done');
    expectArrived(pair, files);
    expect(pair.hosts[1].carried).toBe(0);
    expect(pair.a.of('direct-lane')).toEqual([]);
  });

  it('an older version notices nothing', async () => {
    const pair = linkOverDirectLane({ olderPeer: true });
    const files = [fileOf('big', 3_000_000)];
    await sendFiles(pair, files);
    await pair.a.reached('done');
    expectArrived(pair, files);
    expect(pair.hosts[0].met).toBe(0);
  });

  it('a side that has it turned off is not dialled', async () => {
    const hosts = [new MemoryHost(), new MemoryHost()] as const;
    joinHosts(hosts[0], hosts[1]);
    hosts[1].isOn = false;
    const a = new Side(new MemoryDisk(), { direct: hosts[0] });
    const b = new Side(new MemoryDisk(), { direct: hosts[1] });
    const pair = linkTwo(1, { a, b });
    for (const { engine } of [a, b]) engine.command({ do: 'peer-address', address: '192.168.1.7' });
    await sendFiles(pair, [fileOf('small', 10)]);
    await a.reached('done');
    expect([hosts[0].met, hosts[0].isUp]).toEqual([0, false]);
  });

  it('a side that knows no address of the other lets it in all the same', async () => {
    const pair = linkOverDirectLane({ addresses: ['192.168.1.7', '1f2e3d4c-0000-4000-8000-000000000000.local'] });
    await directLaneUp(pair);
    expect([pair.hosts[0].addresses.at(-1), pair.hosts[1].addresses, pair.hosts[1].met > 0]).toEqual([
      '192.168.1.7',
      [],
      true,
    ]);
  });

  it('a firewall that keeps it out is named until it comes up or the link ends', async () => {
    const pair = linkOverDirectLane({ canMeet: false });
    const [host] = pair.hosts;
    const blocked = () => pair.a.of('direct-blocked').map(({ at }) => at);
    await pair.a.until(() => pair.a.of('peer-name').length > 0);
    await vi.waitFor(() => expect(host.met).toBeGreaterThan(0));
    host.block('both');
    host.block('both');
    host.block('there');
    pair.a.engine.command({ do: 'end', say: 'nothing' });
    host.block('both');
    expect(blocked()).toEqual(['both', 'there', undefined]);
  });

  it('only the address that the link uses is dialled', async () => {
    const pair = linkOverDirectLane();
    await directLaneUp(pair);
    for (const { addresses } of pair.hosts) expect(new Set(addresses)).toEqual(new Set(['192.168.1.7']));
  });
});

/** The real one, and whoever cannot wait skips time. */
function skippingClock(): { readonly clock: Clock; skip(ms: number): Promise<void> } {
  let skippedMs = 0;
  const waiting = new Set<{ readonly atMs: number; readonly run: () => void }>();
  const now = () => realClock.now() + skippedMs;
  return {
    clock: {
      now,
      wallClockMs: realClock.wallClockMs,
      after(ms, task) {
        const run = () => {
          stop();
          task();
        };
        const entry = { atMs: now() + ms, run };
        const cancel = realClock.after(ms, run);
        const stop = () => {
          cancel();
          waiting.delete(entry);
        };
        waiting.add(entry);
        return stop;
      },
    },
    async skip(ms) {
      skippedMs += ms;
      for (const entry of [...waiting]) if (entry.atMs <= now()) entry.run();
      await new Promise((resolve) => setTimeout(resolve, 20));
    },
  };
}
