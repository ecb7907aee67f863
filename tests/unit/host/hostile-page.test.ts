// A page that was taken over, at the host's own door: the real host behind the real contract, rows P1 to P8. The same through
// a real preload is in tests/electron; P9, a page that lies about who the peer is, no host can see (docs/SECURITY.md).

import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EngineCalls, engineCalls, type UiCalls, uiCalls } from '../../../shared/ipc/contract.ts';
import { type RpcPort, serveRpc } from '../../../shared/ipc/rpc.ts';
import type { OfferPlan } from '../../../shared/ipc/views.ts';
import { blockBytes, bridgeMaxOutstanding } from '../../../shared/wire/limits.ts';
import { finish, type Incoming, incoming, prepare, receiveAll, writeBlock } from './receive-steps.ts';
import { openTestHost, outsideOf, outsideUntouched, type TestHost, treeOf } from './test-host.ts';

type Outcome = { readonly output?: unknown; readonly fault?: string };
type Door = { call(name: string, input: unknown): Promise<Outcome>; raw(message: unknown): void; isClosed(): boolean };

let test: TestHost;
let ui: Door;
let engine: Door;

beforeEach(async () => {
  test = await openTestHost();
  const page = test.host.openPage();
  ui = doorOf((port) => serveRpc<UiCalls, never>(port, { calls: uiCalls, handlers: page.ui }));
  engine = doorOf((port) => serveRpc<EngineCalls, never>(port, { calls: engineCalls, handlers: test.host.engine }));
});
afterEach(() => test.close());

/** One end of a port whose other end the host serves; messages are cloned on the way, as everywhere. */
function doorOf(serve: (port: RpcPort) => unknown): Door {
  const waiting = new Map<number, (outcome: Outcome) => void>();
  let receive: (message: unknown) => void = () => undefined;
  let closed = false;
  let last = 0;
  serve({
    post(message) {
      const { id, output, fault } = structuredClone(message) as {
        id: number;
        output?: unknown;
        fault?: { code: string };
      };
      waiting.get(id)?.({ output, ...(fault === undefined ? {} : { fault: fault.code }) });
    },
    onMessage(listener) {
      receive = listener;
      return () => undefined;
    },
    onClose: () => () => undefined,
    close: () => {
      closed = true;
    },
  });
  const raw = (message: unknown) => receive(structuredClone(message));
  return {
    raw,
    isClosed: () => closed,
    call: (name, input) =>
      new Promise((resolve) => {
        last += 1;
        waiting.set(last, resolve);
        raw({ is: 'call', id: last, name, input });
      }),
  };
}

const id = 'ab'.repeat(16);
const secret = 'cd'.repeat(32);
const small = () => incoming([{ path: ['x.txt'], bytes: Buffer.from('hello') }]);
const write = ({ transfer }: Incoming, block: number, bytes: Uint8Array) =>
  engine.call('receive.write', { transfer, block, parts: [bytes], hash: new Uint8Array(32) });

async function sending(): Promise<{ transfer: string; file: string }> {
  const file = path.join(test.folder, 'mine.bin');
  writeFileSync(file, randomBytes(2 * blockBytes));
  const [item] = await test.host.stagePaths([file]);
  const transfer = randomBytes(16).toString('hex');
  await engine.call('send.open', { transfer, secret, items: [item!.id], peerName: 'p' });
  return { transfer, file };
}

describe('a page that was taken over', () => {
  it.each([
    ['P1 a path in place of an item', 'send.open', { transfer: id, secret, items: ['/etc/passwd'], peerName: '' }],
    ['P1 a guessed item', 'send.open', { transfer: id, secret, items: ['0'.repeat(24)], peerName: '' }],
    ['P1 a path in place of a transfer', 'send.reopen', { transfer: '../../../etc' }],
    ['P1 a transfer that never was', 'receive.reopen', { transfer: id }],
    [
      'P2 a block that nobody accepted',
      'receive.write',
      { transfer: id, block: 0, parts: [new Uint8Array(5)], hash: new Uint8Array(32) },
    ],
    ['P2 a commit of nothing', 'receive.commit', { transfer: id, root: secret }],
    ['P3 a start without a yes', 'receive.start', { transfer: id, leaveOut: [] }],
    ['P4 a block of what was not picked', 'send.read', { transfer: id, block: 0 }],
    [
      'P5 a block of a gigabyte, so to say',
      'receive.write',
      { transfer: id, block: 0, parts: [new Uint8Array(2 * blockBytes)], hash: new Uint8Array(32) },
    ],
    [
      'P7 words in place of bytes',
      'receive.write',
      { transfer: id, block: 0, parts: [new Uint16Array(4)], hash: new Uint8Array(32) },
    ],
    [
      'P7 a view of another kind',
      'receive.write',
      { transfer: id, block: 0, parts: [new DataView(new ArrayBuffer(8))], hash: new Uint8Array(32) },
    ],
    [
      'P5 a block in more parts than any has',
      'receive.write',
      { transfer: id, block: 0, parts: Array(33).fill(new Uint8Array(1)), hash: new Uint8Array(32) },
    ],
    ['P7 a big number', 'send.read', { transfer: id, block: 1n }],
    ['P7 a map', 'send.read', new Map([['transfer', id]])],
  ])('is refused %s', async (_what, name, input) => {
    expect((await engine.call(name, input)).fault).toMatch(/^[a-z]+(-[a-z]+)+$/);
    expect(treeOf(test.downloads)).toEqual([]);
  });

  it('P1 reaches nothing of a transfer that is over', async () => {
    const offer = small();
    await receiveAll(test.host, offer, 'keep-both');
    expect((await write(offer, 0, new Uint8Array(5))).fault).toBe('transfer-unknown');
    expect((await engine.call('receive.commit', { transfer: offer.transfer, root: offer.root })).fault).toBe(
      'transfer-unknown',
    );
    expect(readFileSync(path.join(test.downloads, 'x.txt'), 'utf8')).toBe('hello');
  });

  it.each([
    ['P2 too long', 0, 6],
    ['P2 too short', 0, 4],
    ['P2 past the end', 1, 5],
    ['P2 far past the end', 2 ** 32 - 1, 5],
  ])('P2 writes no block that is %s', async (_what, block, length) => {
    const offer = small();
    await prepare(test.host, offer);
    expect((await write(offer, block, new Uint8Array(length))).fault).toBe('transfer-refused');
  });

  it('P2 writes no block that is not what its hash says, and the right one after it', async () => {
    const offer = small();
    await prepare(test.host, offer);
    expect((await write(offer, 0, Uint8Array.from(Buffer.from('hullo')))).fault).toBe('block-damaged');
    const staging = readdirSync(test.downloads)[0]!;
    expect(existsSync(path.join(test.downloads, staging, 'small.pack'))).toBe(false);
    await finish(test.host, offer, offer.transfer);
    expect(readFileSync(path.join(test.downloads, 'x.txt'), 'utf8')).toBe('hello');
  });

  it('P2 writes nothing more once it is published', async () => {
    const offer = small();
    await prepare(test.host, offer);
    await writeBlock(test.host, offer, 0);
    await engine.call('receive.commit', { transfer: offer.transfer, root: offer.root });
    await write(offer, 0, new Uint8Array(5));
    expect(readFileSync(path.join(test.downloads, 'x.txt'), 'utf8')).toBe('hello');
  });

  it.each([
    ['while it is published', true],
    ['once it is published', false],
  ])('P2 says of no file that it cannot be read, %s: nothing is published twice', async (_when, isDuring) => {
    const offer = small();
    const { transfer, root } = offer;
    await prepare(test.host, offer);
    await writeBlock(test.host, offer, 0);
    let isOver = false;
    const committing = engine.call('receive.commit', { transfer, root }).finally(() => {
      isOver = true;
    });
    const outcomes: Outcome[] = [];
    const say = async () =>
      outcomes.push(await engine.call('receive.fault', { transfer, index: 0, code: 'disk-gone' }));
    const hasBegun = () => treeOf(test.downloads).some((name) => name.endsWith('/placing'));
    if (isDuring) await expect.poll(hasBegun, { interval: 0 }).toBe(true);
    for (; isDuring && !isOver; await setImmediate()) await say();
    await committing;
    await say();
    expect(new Set(outcomes.map(({ fault }) => fault))).toEqual(new Set(['transfer-refused']));
    await engine.call('receive.close', { transfer, keep: true });
    await test.restart();
    expect(await test.host.engine['receive.reopen']({ transfer })).toMatchObject({ published: { root, faults: [] } });
    expect(treeOf(test.downloads)).toEqual(['x.txt']);
  });

  it('P3 accepts once, in order, and no more than was offered', async () => {
    const { transfer, entries } = small();
    await engine.call('receive.begin', { transfer, secret, peerName: 'p', checked: true });
    let manifestDigest = secret;
    const grant = (selection: unknown, destination: string) =>
      ui.call('offer.grant', { transfer, manifestDigest, selection, destination, conflict: 'keep-both' });
    expect((await grant('all', 'x')).fault).toBe('transfer-refused');
    await engine.call('receive.entries', { transfer, entries });
    const { output } = await engine.call('receive.plan', { transfer });
    const { destination } = output as OfferPlan;
    expect((await grant('all', destination.id)).fault).toBe('transfer-refused');
    ({ manifestDigest } = output as OfferPlan);
    expect((await grant('all', 'x')).fault).toBe('destination-refused');
    expect((await engine.call('receive.entries', { transfer, entries })).fault).toBe('manifest-invalid');
    expect(
      (
        await grant(
          [
            [0, 1],
            [0, 1],
          ],
          destination.id,
        )
      ).fault,
    ).toBe('transfer-refused');
    expect((await grant([[1, 0]], destination.id)).fault).toBeUndefined();
    expect((await grant('all', destination.id)).fault).toBe('transfer-refused');
    expect((await engine.call('receive.start', { transfer, leaveOut: [] })).output).toMatchObject({ totalBytes: 0 });
  });

  it('P3 leaves out as "there already" only what the host compared itself', async () => {
    const { transfer, entries } = small();
    writeFileSync(path.join(test.downloads, 'x.txt'), 'HELLO');
    await engine.call('receive.begin', { transfer, secret, peerName: 'p', checked: true });
    await engine.call('receive.entries', { transfer, entries });
    const { output } = await engine.call('receive.plan', { transfer });
    const { destination, manifestDigest } = output as OfferPlan;
    const asked = { selection: 'all', destination: destination.id, conflict: 'skip' };
    await ui.call('offer.grant', { transfer, manifestDigest, ...asked });
    expect((await engine.call('receive.start', { transfer, leaveOut: [0] })).fault).toBe('transfer-refused');
  });

  it('P3 cannot make the host take a name that the host itself refuses', async () => {
    await engine.call('receive.begin', { transfer: id, secret, peerName: 'p', checked: true });
    const entries = [{ kind: 'file', path: ['..', 'outside', 'evil'], size: 4, mtimeMs: 0, executable: false }];
    await engine.call('receive.entries', { transfer: id, entries });
    expect((await engine.call('receive.plan', { transfer: id })).fault).toBe('name-refused');
    expect((await engine.call('receive.start', { transfer: id, leaveOut: [] })).fault).toBe('transfer-refused');
    expect(outsideOf(test)).toEqual(outsideUntouched);
  });

  it('P4 reads no further than the file was when it was picked', async () => {
    const { transfer, file } = await sending();
    expect((await engine.call('send.read', { transfer, block: 0 })).fault).toBe('transfer-refused');
    await engine.call('send.select', { transfer, selection: 'all' });
    expect((await engine.call('send.read', { transfer, block: 2 })).fault).toBe('transfer-refused');
    writeFileSync(file, randomBytes(4 * blockBytes));
    expect((await engine.call('send.read', { transfer, block: 3 })).fault).toBe('transfer-refused');
    const { output } = await engine.call('send.read', { transfer, block: 1 });
    expect(output).toMatchObject({ faults: [{ index: 0, code: 'source-changed' }] });
  });

  it('P4 cannot have one file read many times by choosing it many times', async () => {
    const { transfer } = await sending();
    const selection = Array.from({ length: 100_000 }, () => [0, 100_000]);
    expect((await engine.call('send.select', { transfer, selection })).fault).toBe('transfer-refused');
    expect((await engine.call('send.read', { transfer, block: 0 })).fault).toBe('transfer-refused');
  });

  it('P5 that floods is turned away beyond the bound and served again after', async () => {
    const many = await Promise.all(Array.from({ length: 1_000 }, () => ui.call('unfinished.list', {})));
    expect(many.filter(({ fault }) => fault === undefined)).toHaveLength(bridgeMaxOutstanding);
    expect(many.filter(({ fault }) => fault !== 'bridge-busy' && fault !== undefined)).toEqual([]);
    expect((await ui.call('history.list', {})).output).toEqual([]);
  });

  it('P5 cannot open offers or transfers without end', async () => {
    const outcomes: (string | undefined)[] = [];
    for (let nth = 0; nth < 300; nth += 1) {
      const transfer = nth.toString(16).padStart(32, '0');
      outcomes.push((await engine.call('receive.begin', { transfer, secret, peerName: 'p', checked: true })).fault);
    }
    expect(outcomes.filter((fault) => fault === undefined)).toHaveLength(128);
    expect(new Set(outcomes.slice(128))).toEqual(new Set(['bridge-busy']));
  });

  it('P6 talks only as its own role, and not by names that every object has', async () => {
    for (const name of ['send.read', 'receive.write', 'constructor', '__proto__', 'toString', 'hasOwnProperty', '']) {
      expect((await ui.call(name, { transfer: id, block: 0 })).fault).toBe('bridge-invalid');
    }
    for (const name of ['offer.grant', 'settings.write', 'transfer.reveal', 'shell.copy']) {
      expect((await engine.call(name, {})).fault).toBe('bridge-invalid');
    }
  });

  it('P7 gives bytes from the middle of something, and those are what is written', async () => {
    const offer = small();
    await prepare(test.host, offer);
    const wide = Uint8Array.from(Buffer.from('xxxhelloxxx'));
    await engine.call('receive.write', {
      transfer: offer.transfer,
      block: 0,
      parts: [wide.subarray(3, 5), wide.subarray(5, 8)],
      hash: Uint8Array.from(createHash('sha256').update('hello').digest()),
    });
    const staging = readdirSync(test.downloads)[0]!;
    expect(readFileSync(path.join(test.downloads, staging, 'small.pack'), 'utf8')).toBe('hello');
  });

  it('P7 that says what is no call is hung up on', () => {
    for (const message of [undefined, null, 7, 'call', [], { is: 'call' }, { is: 'call', id: '1', name: 'x' }]) {
      const page = test.host.openPage();
      const door = doorOf((port) => serveRpc<UiCalls, never>(port, { calls: uiCalls, handlers: page.ui }));
      door.raw(message);
      expect(door.isClosed()).toBe(true);
    }
  });

  it('P8 cannot move a destination that a person said yes to', async () => {
    const offer = small();
    await engine.call('receive.begin', { transfer: offer.transfer, secret, peerName: 'p', checked: true });
    await engine.call('receive.entries', { transfer: offer.transfer, entries: offer.entries });
    const { output } = await engine.call('receive.plan', { transfer: offer.transfer });
    const { destination, manifestDigest } = output as OfferPlan;
    await ui.call('offer.grant', {
      transfer: offer.transfer,
      manifestDigest,
      selection: 'all',
      destination: destination.id,
      conflict: 'keep-both',
    });
    test.chosen = test.outside;
    const { output: other } = await ui.call('destination.pick', {});
    await ui.call('offer.replan', { transfer: offer.transfer, destination: (other as { id: string }).id });
    await engine.call('receive.start', { transfer: offer.transfer, leaveOut: [] });
    await writeBlock(test.host, offer, 0);
    await engine.call('receive.commit', { transfer: offer.transfer, root: offer.root });
    expect([treeOf(test.downloads), outsideOf(test)]).toEqual([['x.txt'], outsideUntouched]);
  });

  it('P8 names no folder: one outside the download folder is chosen by a person in a dialog', async () => {
    for (const path of [test.outside, '/etc', '\\\\server\\share', test.downloads]) {
      expect((await ui.call('destination.type', { path })).fault).toBe('bridge-invalid');
      expect((await ui.call('destination.pick', { path })).fault).toBe('bridge-invalid');
      expect((await ui.call('settings.write', { downloadDir: path })).fault).toBe('bridge-invalid');
      expect((await ui.call('settings.pickDownloadDir', { path })).fault).toBe('bridge-invalid');
    }
    expect((await ui.call('destination.pick', {})).output).toBeNull();
    test.chosen = test.outside;
    expect((await ui.call('destination.pick', {})).output).toMatchObject({ label: test.outside });
  });

  it.each(['/', '/etc', '/proc', 'relative', '\0'])(
    'P8 cannot have %j, even where a dialog says so',
    async (wanted) => {
      test.chosen = wanted;
      expect((await ui.call('destination.pick', {})).fault).toBe('destination-refused');
      expect((await ui.call('settings.pickDownloadDir', {})).fault).toBe('destination-refused');
    },
  );

  it('has the folder before kept where a person types a name of which there is none', async () => {
    test.chosen = `${test.outside}/no such folder`;
    expect((await ui.call('settings.pickDownloadDir', {})).fault).toBe('destination-missing');
    expect((await ui.call('destination.pick', {})).fault).toBe('destination-missing');
    expect((await ui.call('app.facts', {})).output).toMatchObject({ settings: { downloadDir: test.downloads } });
  });

  it('P8 has its download folder changed by the dialog of the settings alone', async () => {
    test.chosen = test.outside;
    expect((await ui.call('settings.pickDownloadDir', {})).output).toMatchObject({ downloadDir: test.outside });
    expect((await ui.call('app.facts', {})).output).toMatchObject({ settings: { downloadDir: test.outside } });
    test.chosen = undefined;
    expect((await ui.call('settings.pickDownloadDir', {})).output).toMatchObject({ downloadDir: test.outside });
  });
});
