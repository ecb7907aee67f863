// The guest page's host, over real ports and with blocks in memory: it keeps the contract, and refuses what a page cannot do.

import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { serveGuestHost } from '../../../guest/guest-host.ts';
import { Incoming } from '../../../guest/incoming.ts';
import type { ReceivedCalls } from '../../../guest/received-calls.ts';
import { openMemoryStore } from '../../../guest/store/memory-store.ts';
import { sealStore } from '../../../guest/store/sealed-store.ts';
import { portFromMessagePort } from '../../../renderer/bridge/message-port.ts';
import type { EngineCalls, EngineEvents, UiCalls, UiEvents } from '../../../shared/ipc/contract.ts';
import { openRpcClient } from '../../../shared/ipc/rpc.ts';
import type { OfferPlan } from '../../../shared/ipc/views.ts';
import type { ManifestEntry } from '../../../shared/model/manifest.ts';
import { planNames } from '../../../shared/model/wire-path.ts';
import { blockBytes } from '../../../shared/wire/limits.ts';
import { readZip } from '../../guest/read-zip.ts';

const transfer = 'ab'.repeat(16);
const secret = 'cd'.repeat(32);
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();

function openHost(maxBytes = 64 * 1024 * 1024) {
  const channels = { ui: new MessageChannel(), engine: new MessageChannel(), received: new MessageChannel() };
  const store = sealStore(openMemoryStore(maxBytes));
  serveGuestHost(
    { store, version: '0.1.0', deviceName: 'Firefox (Linux)', platform: 'Linux' },
    {
      ui: portFromMessagePort(channels.ui.port2),
      engine: portFromMessagePort(channels.engine.port2),
      received: portFromMessagePort(channels.received.port2),
    },
  );
  return {
    ui: openRpcClient<UiCalls, UiEvents>(portFromMessagePort(channels.ui.port1)),
    engine: openRpcClient<EngineCalls, EngineEvents>(portFromMessagePort(channels.engine.port1)),
    received: openRpcClient<ReceivedCalls, Record<never, never>>(portFromMessagePort(channels.received.port1)),
  };
}
type TestHost = ReturnType<typeof openHost>;

const small = randomBytes(1000);
const large = randomBytes(2 * blockBytes + 77);
const stream = Buffer.concat([small, large]);
const blocks = Array.from({ length: Math.ceil(stream.length / blockBytes) }, (_, at) =>
  stream.subarray(at * blockBytes, (at + 1) * blockBytes),
);
const root = sha256(Buffer.concat(blocks.map(sha256))).toString('hex');
const entries = [
  { kind: 'folder', path: ['trip', 'empty'], mtimeMs: 0 },
  { kind: 'file', path: ['trip', 'ab:c.txt'], size: small.length, mtimeMs: 1000, executable: false },
  { kind: 'file', path: ['trip', 'film.bin'], size: large.length, mtimeMs: 2000, executable: false },
];

async function offered({ engine }: TestHost, id = transfer) {
  await engine.call('receive.begin', { transfer: id, secret, peerName: 'Anna', checked: true });
  await engine.call('receive.entries', { transfer: id, entries });
  return engine.call('receive.plan', { transfer: id });
}

async function granted(host: TestHost, id = transfer): Promise<void> {
  await accept(host, id, await offered(host, id));
}

const accept = ({ ui }: TestHost, id: string, { manifestDigest, destination }: OfferPlan) =>
  ui.call('offer.grant', {
    ...{ transfer: id, manifestDigest, selection: 'all', destination: destination.id, conflict: 'keep-both' },
  } as const);

function write({ engine }: TestHost, block: number, bytes: Uint8Array = blocks[block]!) {
  const copy = new Uint8Array(bytes);
  const hash = new Uint8Array(sha256(blocks[block]!));
  return engine.call('receive.write', { transfer, block, parts: [copy.slice(0, 10), copy.slice(10)], hash });
}

describe('a guest page receives', () => {
  it('names that every disk takes, and shows them before the yes', async () => {
    const host = openHost();
    const plan = await offered(host);
    expect(plan).toMatchObject({ title: 'trip', renamed: 1, fits: true, totals: { files: 2, folders: 1 } });
    const { rows } = await host.ui.call('offer.rows', { transfer, from: 0, count: 10 });
    expect(rows[1]).toMatchObject({ path: ['trip', 'ab_c.txt'], sentAs: 'trip/ab:c.txt', flags: ['renamed'] });
  });

  it('nothing without the yes of the person', async () => {
    const host = openHost();
    await offered(host);
    await expect(host.engine.call('receive.start', { transfer, leaveOut: [] })).rejects.toMatchObject({
      code: 'transfer-refused',
    });
  });

  it('blocks that their hash proves, in any order, and saves them as a ZIP and one by one', async () => {
    const host = openHost();
    await granted(host);
    const { have, totalBytes } = await host.engine.call('receive.start', { transfer, leaveOut: [] });
    expect([have, totalBytes]).toEqual([[], stream.length]);
    await expect(write(host, 1, blocks[0]!)).rejects.toMatchObject({ code: 'block-damaged' });
    await expect(write(host, 2, blocks[0]!)).rejects.toMatchObject({ code: 'transfer-refused' });
    expect(await write(host, 2)).toEqual({ filesDone: 0 });
    expect(await write(host, 0)).toEqual({ filesDone: 1 });
    await expect(host.engine.call('receive.commit', { transfer, root })).rejects.toMatchObject({
      code: 'hash-mismatch',
    });
    await expect(host.received.call('received.zip', { transfer })).rejects.toMatchObject({ code: 'transfer-unknown' });
    expect(await write(host, 1)).toEqual({ filesDone: 2 });
    await expect(host.engine.call('receive.commit', { transfer, root: '00'.repeat(32) })).rejects.toMatchObject({
      code: 'hash-mismatch',
    });
    expect(await host.engine.call('receive.commit', { transfer, root })).toEqual({ published: 2, faults: [] });
    await host.engine.call('receive.close', { transfer, keep: false });

    const zip = await host.received.call('received.zip', { transfer });
    const found = readZip(Buffer.from(await zip.arrayBuffer()));
    expect(found.map(({ name }) => name)).toEqual(['trip/empty/', 'trip/ab_c.txt', 'trip/film.bin']);
    expect(Buffer.compare(found[1]!.bytes, small)).toBe(0);
    expect(Buffer.compare(found[2]!.bytes, large)).toBe(0);
    const [, film] = await host.received.call('received.files', { transfer });
    const alone = await host.received.call('received.file', { transfer, index: film!.index });
    expect(Buffer.compare(Buffer.from(await alone.arrayBuffer()), large)).toBe(0);

    await host.received.call('received.discard', { transfer });
    await expect(host.received.call('received.zip', { transfer })).rejects.toMatchObject({ code: 'transfer-unknown' });
  });

  it('one of two that come at once for the same place, and stores what its hash is remembered of', async () => {
    const host = openHost();
    await granted(host);
    await host.engine.call('receive.start', { transfer, leaveOut: [] });
    const other = randomBytes(blocks[0]!.length);
    const writeOther = () =>
      host.engine.call('receive.write', {
        transfer,
        block: 0,
        parts: [new Uint8Array(other)],
        hash: new Uint8Array(sha256(other)),
      });
    await Promise.all([write(host, 0), writeOther(), write(host, 1), write(host, 2)]);
    expect(await host.engine.call('receive.commit', { transfer, root })).toEqual({ published: 2, faults: [] });
    const [first] = await host.received.call('received.files', { transfer });
    const file = await host.received.call('received.file', { transfer, index: first!.index });
    expect(Buffer.compare(Buffer.from(await file.arrayBuffer()), small)).toBe(0);
  });

  it('the rest after a cut, with what it has', async () => {
    const host = openHost();
    await granted(host);
    await host.engine.call('receive.start', { transfer, leaveOut: [] });
    await write(host, 0);
    await write(host, 2);
    await host.engine.call('receive.close', { transfer, keep: true });
    expect(await host.ui.call('unfinished.list', {})).toMatchObject([{ id: transfer, title: 'trip' }]);
    expect(await host.engine.call('unfinished.claims', {})).toEqual([{ id: transfer, secret, direction: 'receive' }]);
    expect(await host.engine.call('receive.reopen', { transfer })).toMatchObject({ title: 'trip', selection: 'all' });
    const { have } = await host.engine.call('receive.start', { transfer, leaveOut: [] });
    expect(have).toEqual([
      [0, 1],
      [2, 3],
    ]);
    await write(host, 1);
    await host.engine.call('receive.commit', { transfer, root });
  });

  it('the same answer when it is asked again whether all is there', async () => {
    const host = openHost();
    await granted(host);
    await host.engine.call('receive.start', { transfer, leaveOut: [] });
    for (const block of blocks.keys()) await write(host, block);
    const first = await host.engine.call('receive.commit', { transfer, root });
    await host.engine.call('receive.close', { transfer, keep: true });
    expect(await host.engine.call('receive.reopen', { transfer })).toMatchObject({ published: { root, files: 2 } });
    expect(await host.engine.call('receive.commit', { transfer, root })).toEqual(first);
    expect(await host.ui.call('unfinished.list', {})).toEqual([]);
  });

  it('nothing that does not fit, and says what is free', async () => {
    const host = openHost(stream.length - 1);
    const plan = await offered(host);
    expect(plan.fits).toBe(false);
    await expect(accept(host, transfer, plan)).rejects.toMatchObject({
      code: 'disk-full',
      detail: { neededBytes: stream.length, freeBytes: stream.length - 1 },
    });
  });

  it('nothing that fits only without what was accepted before and is still on its way', async () => {
    const other = 'ef'.repeat(16);
    const free = 2 * stream.length - 1;
    const host = openHost(free);
    const [first, second] = [await offered(host), await offered(host, other)];
    expect([first.fits, second.fits]).toEqual([true, true]);
    // Both at the same moment: one of them.
    const answers = await Promise.allSettled([accept(host, transfer, first), accept(host, other, second)]);
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    await host.engine.call('receive.start', { transfer, leaveOut: [] });
    await write(host, 0);
    const spare = free - stream.length - 28;
    await expect(accept(host, other, second)).rejects.toMatchObject({
      code: 'disk-full',
      detail: { neededBytes: stream.length, freeBytes: spare },
    });
    expect((await host.ui.call('offer.replan', { transfer: other, destination: second.destination.id })).fits).toBe(
      false,
    );
    await host.engine.call('receive.close', { transfer, keep: false });
    await accept(host, other, second);
  });

  it('says that the browser is full when it becomes so, and keeps what it has', async () => {
    // Sealing makes each block a little longer than it was planned.
    const host = openHost(stream.length + 28);
    await granted(host);
    await host.engine.call('receive.start', { transfer, leaveOut: [] });
    await write(host, 0);
    await write(host, 1);
    await expect(write(host, 2)).rejects.toMatchObject({ code: 'disk-full' });
    const { neededBytes, freeBytes } = await host.engine.call('receive.room', { transfer });
    expect([neededBytes, freeBytes < neededBytes + 28]).toEqual([blocks[2]!.length, true]);
    await host.engine.call('receive.close', { transfer, keep: true });
    await host.engine.call('receive.reopen', { transfer });
    expect((await host.engine.call('receive.start', { transfer, leaveOut: [] })).have).toEqual([[0, 2]]);
  });

  it('leaves out a file that the other side could not read', async () => {
    const host = openHost();
    await granted(host);
    await host.engine.call('receive.start', { transfer, leaveOut: [] });
    for (const block of blocks.keys()) await write(host, block);
    await host.engine.call('receive.fault', { transfer, index: 2, code: 'source-changed' });
    expect(await host.engine.call('receive.commit', { transfer, root })).toEqual({
      published: 1,
      faults: [{ index: 2, code: 'source-changed' }],
    });
    const zip = await host.received.call('received.zip', { transfer });
    expect(readZip(Buffer.from(await zip.arrayBuffer())).map(({ name }) => name)).toEqual([
      'trip/empty/',
      'trip/ab_c.txt',
    ]);
  });

  it('gives the room back when a transfer is called off while its blocks are being stored, or its place is made', async () => {
    const host = openHost();
    const plan = await offered(host);
    const { destination } = plan;
    const close = () => host.engine.call('receive.close', { transfer, keep: false });
    await accept(host, transfer, plan);
    await host.engine.call('receive.start', { transfer, leaveOut: [] });
    await Promise.allSettled([write(host, 0), write(host, 1), close(), write(host, 2)]);
    expect((await offered(host)).destination.freeBytes).toBe(destination.freeBytes);

    await accept(host, transfer, plan);
    const [started] = await Promise.allSettled([
      host.engine.call('receive.start', { transfer, leaveOut: [] }),
      close(),
    ]);
    expect(started).toMatchObject({ status: 'rejected', reason: { code: 'transfer-unknown' } });
    // Nothing of it is left that would be taken up again.
    expect(await host.engine.call('unfinished.claims', {})).toEqual([]);
    expect((await offered(host)).destination.freeBytes).toBe(destination.freeBytes);
  });

  it('removes what is being stored once it is stored, so that nothing comes after', async () => {
    const order: string[] = [];
    const begun = Promise.withResolvers<void>();
    const end = Promise.withResolvers<void>();
    const file: ManifestEntry = { kind: 'file', path: ['a'], size: 9, mtimeMs: 0, executable: false };
    const facts = { secret, peerName: 'Anna', entries: [file], planned: [...planNames([file], 'windows')], title: 'a' };
    const incoming = new Incoming(
      { ...facts, selection: 'all', manifestDigest: '' },
      {
        async write() {
          begun.resolve();
          await end.promise;
          order.push('stored');
        },
        read: async () => new Uint8Array(),
        remove: async () => void order.push('removed'),
      },
    );
    const bytes = new Uint8Array(9);
    const ended = Promise.allSettled([incoming.write(0, [bytes], new Uint8Array(sha256(bytes)))]);
    await begun.promise;
    const removing = incoming.remove();
    end.resolve();
    await Promise.all([removing, ended]);
    expect(order).toEqual(['stored', 'removed']);
  });

  it('gives the room back when a transfer is called off', async () => {
    const host = openHost(stream.length + 4096);
    await granted(host);
    await host.engine.call('receive.start', { transfer, leaveOut: [] });
    await write(host, 0);
    const before = await host.engine.call('receive.room', { transfer });
    await host.engine.call('receive.close', { transfer, keep: false });
    expect((await offered(host)).destination.freeBytes).toBe(before.freeBytes + blockBytes + 28);
  });
});

describe('a guest page does not', () => {
  it.each([
    ['stage.pick', { kind: 'files' }],
    ['destination.pick', {}],
    ['settings.pickDownloadDir', {}],
    ['transfer.reveal', { transfer }],
    ['transfer.open', { transfer, isConfirmed: true }],
    ['shell.openLink', { url: 'https://example.org/' }],
    ['unfinished.move', { transfer }],
  ] as const)('answer %s', async (name, input) => {
    await expect(openHost().ui.call(name, input as never)).rejects.toMatchObject({ code: 'bridge-refused' });
  });

  it('remember anybody, deliver replies, or have a direct lane', async () => {
    const { engine, ui } = openHost();
    const peer = { secret, side: 'inviter', name: 'Anna', code: 'x' } as const;
    await expect(ui.call('remembered.remember', peer)).rejects.toMatchObject({ code: 'bridge-refused' });
    expect(await ui.call('remembered.list', {})).toEqual([]);
    expect(await ui.call('lan.deliver', { invite: 'a', reply: 'b' })).toEqual({ delivered: false });
    expect(await engine.call('direct.listen', {})).toBeNull();
  });

  it('take a destination that it did not name', async () => {
    const host = openHost();
    const plan = await offered(host);
    const elsewhere = { ...plan, destination: { ...plan.destination, id: 'elsewhere' } };
    await expect(accept(host, transfer, elsewhere)).rejects.toMatchObject({ code: 'destination-refused' });
  });

  it('P3 take the yes to one list for the yes to another one of the same name', async () => {
    const host = openHost();
    const plan = await offered(host);
    await host.engine.call('receive.close', { transfer, keep: false });
    await host.engine.call('receive.begin', { transfer, secret, peerName: 'Anna', checked: true });
    await host.engine.call('receive.entries', { transfer, entries: entries.slice(0, 1) });
    await host.engine.call('receive.plan', { transfer });
    await expect(accept(host, transfer, plan)).rejects.toMatchObject({ code: 'transfer-refused' });
  });
});
