// Two hosts' halves of a direct lane over real sockets; blocks live in memory.

import { createHash } from 'node:crypto';
import { Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openBlockMemory } from '../../../host/block-memory.ts';
import { type BlockStore, type DirectLane, openDirectLane } from '../../../host/direct/direct-lane.ts';
import { systemClock } from '../../../host/system-clock.ts';
import type { EngineEvents } from '../../../shared/ipc/contract.ts';
import { hashAt } from '../../../shared/model/bytes.ts';
import type { Clock } from '../../../shared/model/clock.ts';
import { Fault } from '../../../shared/model/fault.ts';
import { blockBytes, directLateMaxBytes, directReadsAtOnce, directSmallBytes } from '../../../shared/wire/limits.ts';

const transfer = 'ab'.repeat(16);
const hashOf = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest());
const blockOf = (block: number) => new Uint8Array(blockBytes).fill(block + 1);

type Said = { [K in keyof EngineEvents]: { readonly is: K; readonly payload: EngineEvents[K] } }[keyof EngineEvents];
type Store = {
  readonly read: (transfer: string, block: number) => ReturnType<ReturnType<BlockStore['reads']>>;
  readonly write: BlockStore['write'];
};
type Host = {
  readonly lane: DirectLane;
  readonly said: Said[];
  readonly written: number[];
  /** What the router was asked for. */
  readonly outside: readonly string[];
  isOn: boolean;
  store: Store;
};

const hosts: Host[] = [];
afterEach(async () => {
  for (const { lane } of hosts.splice(0)) await lane.close();
});

function openTestHost(clock: Clock = systemClock): Host {
  const said: Said[] = [];
  const written: number[] = [];
  const outside: string[] = [];
  const host: Host = {
    said,
    written,
    outside,
    isOn: true,
    store: {
      read: async (_transfer, block) => ({ bytes: blockOf(block), hash: hashOf(blockOf(block)), faults: [] }),
      write: async (_transfer, { block, parts, hash }) => {
        if (!hashOf(Buffer.concat(parts)).every((byte, at) => byte === hash[at])) throw new Fault('block-damaged', '');
        written.push(block);
        return { filesDone: written.length, wasHeld: false };
      },
    },
    lane: openDirectLane({
      blocks: {
        reads: (of) => (block) => host.store.read(of, block),
        write: (...at) => host.store.write(...at),
      },
      clock,
      memory: openBlockMemory(systemClock),
      isOn: () => host.isOn,
      outside: { open: (port) => outside.push(`open ${port}`), shut: (port) => outside.push(`shut ${port}`) },
      emit: (is, payload) => void said.push({ is, payload } as Said),
    }),
  };
  hosts.push(host);
  return host;
}

async function meet(a: Host, b: Host): Promise<void> {
  const [forA, forB] = [await a.lane.handlers['direct.listen']({}), await b.lane.handlers['direct.listen']({})];
  await dial(a, forB!);
  await dial(b, forA!);
  await vi.waitFor(() => {
    for (const { said } of [a, b]) expect(said).toContainEqual({ is: 'direct-lane', payload: { at: 'up' } });
  });
}

async function dial(from: Host, to: { readonly fingerprint: string; readonly port: number }): Promise<void> {
  await from.lane.handlers['direct.meet']({ ...to, address: ownAddress() });
}

const expectBlocks = (at: Host, attempt: number) => at.lane.handlers['direct.expect']({ transfer, attempt });
const sendAll = async (from: Host, attempt: number, ...blocks: number[]) =>
  from.lane.handlers['direct.send']({ transfer, attempt, blocks });
const send = async (from: Host, attempt: number, block: number) => {
  const { hashes, outcomes } = await sendAll(from, attempt, block);
  return { ...outcomes[0], hash: hashes };
};
const arrivals = ({ said }: Host) =>
  said.flatMap((one) =>
    one.is === 'direct-blocks'
      ? one.payload.blocks.map((block, at) => ({ ...block, hash: hashAt(one.payload.hashes, at) }))
      : [],
  );

it('listens when it is asked again, where the system had no socket to give before', async () => {
  const host = openTestHost();
  const none = vi.spyOn(Server.prototype, 'listen').mockImplementation(function (this: Server) {
    queueMicrotask(() => this.emit('error', Object.assign(new Error('too many'), { code: 'EMFILE' })));
    return this;
  });
  expect(await host.lane.handlers['direct.listen']({})).toBeNull();
  none.mockRestore();
  expect(await host.lane.handlers['direct.listen']({})).not.toBeNull();
});

describe('a direct lane', () => {
  it('carries a block from one host to the other, and says that it is stored', async () => {
    const [a, b] = [openTestHost(), openTestHost()];
    await meet(a, b);
    await expectBlocks(b, 5);
    expect(await send(a, 5, 2)).toEqual({ is: 'read', isSent: true, hash: hashOf(blockOf(2)), faults: [] });
    const stored = { attempt: 5, block: 2, hash: hashOf(blockOf(2)), outcome: { is: 'stored', filesDone: 1 } };
    await vi.waitFor(() => expect(arrivals(b)).toEqual([stored]));
    expect(b.written).toEqual([2]);
  });

  it('writes nothing of an attempt that nobody expects, and ends when that does not stop', async () => {
    const [a, b] = [openTestHost(), openTestHost()];
    await meet(a, b);
    await expectBlocks(b, 5);
    await expectBlocks(b, 6);
    for (let block = 0; block <= directLateMaxBytes / blockBytes; block += 1) await send(a, 5, block);
    await vi.waitFor(() => expect(b.said.at(-1)).toEqual({ is: 'direct-lane', payload: { at: 'down' } }));
    expect(b.written).toEqual([]);
  });

  it('F19 ends as well where small blocks of an attempt that nobody expects do not stop: its page is told of each', async () => {
    const [a, b] = [openTestHost(), openTestHost()];
    await meet(a, b);
    const most = directLateMaxBytes / directSmallBytes;
    const hash = hashOf(Uint8Array.of(1));
    for (let block = 0; block <= most + 100; block += 1) {
      await a.lane.handlers['direct.sendBytes']({ attempt: 5, block, bytes: Uint8Array.of(1), hash });
    }
    await vi.waitFor(() => expect(b.said.at(-1)).toEqual({ is: 'direct-lane', payload: { at: 'down' } }));
    expect(arrivals(b).length).toBeLessThanOrEqual(most + 1);
  });

  it('F21 that is dropped and met again has no new allowance for late blocks: it is that of the link', async () => {
    const [a, b] = [openTestHost(), openTestHost()];
    const most = directLateMaxBytes / blockBytes;
    await meet(a, b);
    for (let block = 0; block < most; block += 1) await send(a, 5, block);
    await vi.waitFor(() => expect(arrivals(b)).toHaveLength(most));
    expect(b.said.filter(({ is }) => is === 'direct-lane')).toHaveLength(1);
    await b.lane.handlers['direct.drop']({});
    for (const { said } of [a, b]) {
      await vi.waitFor(() => expect(said.at(-1)).toEqual({ is: 'direct-lane', payload: { at: 'down' } }));
      said.length = 0;
    }
    await meet(a, b);
    await send(a, 5, 0);
    await vi.waitFor(() => expect(b.said.at(-1)).toEqual({ is: 'direct-lane', payload: { at: 'down' } }));
    expect(b.written).toEqual([]);
    // Another link has its own.
    await b.lane.close();
    for (const { said } of [a, b]) said.length = 0;
    await meet(a, b);
    await send(a, 5, 0);
    await vi.waitFor(() => expect(arrivals(b)).toHaveLength(1));
    expect(b.said.filter(({ is }) => is === 'direct-lane')).toHaveLength(1);
  });

  it('never carries to another computer what was asked for before that one was met', async () => {
    const [a, b, c] = [openTestHost(), openTestHost(), openTestHost()];
    await meet(a, b);
    const { promise: isRead, resolve: goOn } = Promise.withResolvers<void>();
    a.store = {
      ...a.store,
      async read(_transfer, block) {
        await isRead;
        return { bytes: blockOf(block), hash: hashOf(blockOf(block)), faults: [] };
      },
    };
    const sending = sendAll(a, 5, 0, 1);
    await a.lane.handlers['direct.close']({});
    a.said.length = 0;
    await meet(a, c);
    goOn();
    const { outcomes } = await sending;
    expect(outcomes).toMatchObject([{ isSent: false }, { isSent: false }]);
    await send(a, 6, 2);
    await vi.waitFor(() => expect(arrivals(c).map(({ attempt }) => attempt)).toContain(6));
    expect(arrivals(c)).toHaveLength(1);
  });

  it('tells which block could not be stored and why, and goes on', async () => {
    const [a, b] = [openTestHost(), openTestHost()];
    await meet(a, b);
    await expectBlocks(b, 5);
    const { write } = b.store;
    b.store = { ...b.store, write: () => Promise.reject(new Fault('disk-full', 'no room')) };
    await send(a, 5, 0);
    await vi.waitFor(() => expect(arrivals(b)).toMatchObject([{ block: 0, outcome: { is: 'fault' } }]));
    b.store = { ...b.store, write };
    await send(a, 5, 0);
    await vi.waitFor(() => expect(b.written).toEqual([0]));
  });

  it('takes several blocks in one call, and one that cannot be read takes none of the others with it', async () => {
    const [a, b] = [openTestHost(), openTestHost()];
    await meet(a, b);
    await expectBlocks(b, 5);
    const { read } = a.store;
    a.store = {
      ...a.store,
      read: (id, block) => (block === 1 ? Promise.reject(new Fault('source-too-many-open', '')) : read(id, block)),
    };
    const { hashes, outcomes } = await sendAll(a, 5, 0, 1, 2);
    expect(outcomes).toMatchObject([
      { is: 'read', isSent: true },
      { is: 'fault', fault: { code: 'source-too-many-open' } },
      { is: 'read', isSent: true },
    ]);
    expect([0, 2].map((at) => hashAt(hashes, at))).toEqual([0, 2].map((block) => hashOf(blockOf(block))));
    await vi.waitFor(() => expect(arrivals(b).map(({ block }) => block)).toEqual([0, 2]));
  });

  it('reads in the order in which blocks were asked for, and only a few beyond one that takes long', async () => {
    const [a, b] = [openTestHost(), openTestHost()];
    await meet(a, b);
    await expectBlocks(b, 5);
    const { read } = a.store;
    const begun: number[] = [];
    const slow = Promise.withResolvers<void>();
    a.store = {
      ...a.store,
      async read(id, block) {
        begun.push(block);
        if (block === 1) await slow.promise;
        return read(id, block);
      },
    };
    const wanted = Array.from({ length: 3 * directReadsAtOnce }, (_, block) => block);
    const sending = sendAll(a, 5, ...wanted);
    const first = wanted.slice(0, directReadsAtOnce + 1);
    await vi.waitFor(() => expect(arrivals(b)).toHaveLength(first.length - 1));
    expect(begun).toEqual(first);
    slow.resolve();
    await sending;
    expect(begun).toEqual(wanted);
  });

  it('carries what another transfer sends while the reads of one hang', async () => {
    const [a, b] = [openTestHost(), openTestHost()];
    await meet(a, b);
    await expectBlocks(b, 6);
    const { read } = a.store;
    a.store = {
      ...a.store,
      read: (id, block) => (block < 2 * directReadsAtOnce ? new Promise(() => undefined) : read(id, block)),
    };
    void sendAll(a, 5, ...Array.from({ length: 2 * directReadsAtOnce }, (_, block) => block));
    expect(await send(a, 6, 50)).toMatchObject({ is: 'read', isSent: true });
  });

  it('that is gone answers at once of each block whose read has not begun, however often it comes back', async () => {
    const [a, b] = [openTestHost(), openTestHost()];
    let reads = 0;
    a.store = {
      ...a.store,
      read() {
        reads += 1;
        return new Promise(() => undefined);
      },
    };
    await meet(a, b);
    void sendAll(a, 5, ...Array.from({ length: directReadsAtOnce }, (_, block) => block));
    for (let times = 0; times < 3; times += 1) {
      const behind = [sendAll(a, 5, 10), sendAll(a, 5, 11, 12)];
      a.said.splice(0);
      await b.lane.handlers['direct.drop']({});
      await vi.waitFor(() => expect(a.said).toContainEqual({ is: 'direct-lane', payload: { at: 'down' } }));
      const answers = Promise.all(behind).then((all) => all.flatMap(({ outcomes }) => outcomes));
      const none = new Promise((resolve) => setTimeout(resolve, 1_000)).then(() => 'no answer');
      expect(await Promise.race([answers, none])).toEqual([{ is: 'gone' }, { is: 'gone' }, { is: 'gone' }]);
      await meet(a, b);
    }
    expect(reads).toBe(directReadsAtOnce);
  });

  it('tells of several stored blocks at once, as soon as no other is on its way', async () => {
    const [a, b] = [openTestHost(), openTestHost({ ...systemClock, after: () => () => undefined })];
    await meet(a, b);
    await expectBlocks(b, 5);
    const { write } = b.store;
    const all = Promise.withResolvers<void>();
    let begun = 0;
    b.store = {
      ...b.store,
      async write(...args) {
        begun += 1;
        if (begun === 4) all.resolve();
        await all.promise;
        return write(...args);
      },
    };
    await sendAll(a, 5, 0, 1, 2, 3);
    await vi.waitFor(() => expect(arrivals(b).map(({ block }) => block)).toEqual([0, 1, 2, 3]));
    expect(b.said.filter(({ is }) => is === 'direct-blocks')).toHaveLength(1);
  });

  it('tells of stored blocks that wait to be told before the lane is down', async () => {
    const [a, b] = [openTestHost(), openTestHost()];
    await meet(a, b);
    await expectBlocks(b, 5);
    const { write } = b.store;
    const never = new Promise<never>(() => undefined);
    b.store = { ...b.store, write: (id, block) => (block.block === 1 ? never : write(id, block)) };
    await sendAll(a, 5, 0, 1);
    await vi.waitFor(() => expect(b.written).toEqual([0]));
    await b.lane.close();
    await vi.waitFor(() => expect(b.said.at(-1)).toEqual({ is: 'direct-lane', payload: { at: 'down' } }));
    expect(arrivals(b)).toMatchObject([{ block: 0, outcome: { is: 'stored' } }]);
  });

  it('gives the memory of a block back once it has left', async () => {
    const [a, b] = [openTestHost(), openTestHost()];
    await meet(a, b);
    await expectBlocks(b, 5);
    const bytes = blockOf(0);
    a.store = { ...a.store, read: async () => ({ bytes, hash: hashOf(bytes), faults: [] }) };
    await send(a, 5, 0);
    expect(bytes.byteLength).toBe(0);
    await vi.waitFor(() => expect(b.written).toEqual([0]));
  });

  it('F21 reads no more of what it was given once it is gone, and says so of each block', async () => {
    const [a, b] = [openTestHost(), openTestHost()];
    await meet(a, b);
    const { read } = a.store;
    const begun: number[] = [];
    const slow = Promise.withResolvers<void>();
    a.store = {
      ...a.store,
      async read(id, block) {
        begun.push(block);
        await slow.promise;
        return { ...(await read(id, block)), faults: [{ index: 3, code: 'source-changed' }] };
      },
    };
    const wanted = Array.from({ length: 3 * directReadsAtOnce }, (_, block) => block);
    const sending = sendAll(a, 5, ...wanted);
    await vi.waitFor(() => expect(begun).toHaveLength(directReadsAtOnce));
    await b.lane.close();
    await vi.waitFor(() => expect(a.said.at(-1)).toEqual({ is: 'direct-lane', payload: { at: 'down' } }));
    slow.resolve();
    const { outcomes } = await sending;
    expect(begun).toHaveLength(directReadsAtOnce);
    const faults = [{ index: 3, code: 'source-changed' }];
    expect(outcomes).toEqual(
      wanted.map((block) => (block < directReadsAtOnce ? { is: 'read', isSent: false, faults } : { is: 'gone' })),
    );
    expect((await sendAll(a, 5, 0)).outcomes).toEqual([{ is: 'gone' }]);
  });

  it('does not listen where the person turned it off', async () => {
    const a = openTestHost();
    a.isOn = false;
    expect(await a.lane.handlers['direct.listen']({})).toBeNull();
    expect(a.outside).toEqual([]);
  });

  it('has its port opened outside for as long as it listens', async () => {
    const a = openTestHost();
    const place = await a.lane.handlers['direct.listen']({});
    expect(a.outside).toEqual([`open ${place?.port}`]);
    await a.lane.close();
    expect(a.outside).toEqual([`open ${place?.port}`, `shut ${place?.port}`]);
  });

  it.each([
    '127.0.0.1',
    '0.0.0.0',
    '::1',
    '::ffff:127.0.0.1',
    '0:0:0:0:0:0:0:1',
    '224.0.0.1',
    'ff02::1',
    'localhost',
    'x.local',
  ])('dials no %s', async (address) => {
    const a = openTestHost();
    await a.lane.handlers['direct.listen']({});
    await expect(
      (async () => a.lane.handlers['direct.meet']({ fingerprint: '0'.repeat(64), address, port: 5000 }))(),
    ).rejects.toMatchObject({ code: 'bridge-refused' });
  });

  it('ends on both sides when one closes, within a second', async () => {
    const [a, b] = [openTestHost(), openTestHost()];
    await meet(a, b);
    await a.lane.close();
    await vi.waitFor(() => expect(b.said.at(-1)).toEqual({ is: 'direct-lane', payload: { at: 'down' } }), 1_000);
  });
});

/** An address of this machine that another one could dial. */
function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const own = all.find(({ family, internal }) => family === 'IPv4' && !internal);
  if (own === undefined) throw new Error('these tests need one network interface beside loopback');
  return own.address;
}
