// Two real hosts over a real direct lane, one of them with a real disk: blocks that the receiver has no use for do not come without end.

import { createHash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { EngineEvents } from '../../../shared/ipc/contract.ts';
import { blockBytes, directLateMaxBytes, directSmallBytes } from '../../../shared/wire/limits.ts';
import { type Incoming, incoming, prepare } from '../host/receive-steps.ts';
import { openTestHost, type TestHost } from '../host/test-host.ts';

const attempt = 5;
const mostSmallOnes = directLateMaxBytes / directSmallBytes;
const ones = (length: number) => new Uint8Array(length).fill(1);

type Arrived = EngineEvents['direct-blocks']['blocks'][number];
let sender: TestHost;
let receiver: TestHost;
let arrived: Arrived[];
let lanes: EngineEvents['direct-lane']['at'][];

beforeEach(async () => {
  [sender, receiver, arrived, lanes] = [await openTestHost(), await openTestHost(), [], []];
  receiver.host.onEngineEvent((name, payload) => {
    if (name === 'direct-lane') lanes.push((payload as EngineEvents['direct-lane']).at);
    if (name === 'direct-blocks') arrived.push(...(payload as EngineEvents['direct-blocks']).blocks);
  });
  const [ofSender, ofReceiver] = [
    await sender.host.engine['direct.listen']({}),
    await receiver.host.engine['direct.listen']({}),
  ];
  const address = ownAddress();
  await sender.host.engine['direct.meet']({ ...ofReceiver!, address });
  await receiver.host.engine['direct.meet']({ ...ofSender!, address });
  await vi.waitFor(() => expect(lanes).toEqual(['up']));
});

afterEach(async () => {
  await Promise.all([sender.close(), receiver.close()]);
});

function send(block: number, bytes: Uint8Array<ArrayBuffer>) {
  const hash = new Uint8Array(createHash('sha256').update(bytes).digest());
  return sender.host.engine['direct.sendBytes']({ attempt, block, bytes, hash });
}

/** Of a byte each, all of them this block. */
function sendMany(times: number, block: number): Promise<unknown> {
  return Promise.all(Array.from({ length: times }, () => send(block, ones(1))));
}

/** Its last block is a byte. */
async function expected(blocks: number): Promise<Incoming> {
  const offer = incoming([{ path: ['f'], bytes: Buffer.from(ones((blocks - 1) * blockBytes + 1)) }]);
  await prepare(receiver.host, offer);
  await receiver.host.engine['direct.expect']({ transfer: offer.transfer, attempt });
  return offer;
}

async function endsWithin(events: number): Promise<void> {
  await vi.waitFor(() => expect(lanes).toEqual(['up', 'down']));
  expect(arrived.length).toBeLessThanOrEqual(events);
}

it('F20 of a transfer that is over, whose attempt nobody took back', async () => {
  const { transfer } = await expected(1);
  await receiver.host.engine['receive.close']({ transfer, keep: false });
  await sendMany(mostSmallOnes + 1, 0);
  await endsWithin(mostSmallOnes + 1);
  expect(new Set(arrived.map(({ outcome }) => outcome.is))).toEqual(new Set(['fault']));
});

it('F20 of a transfer of which all is held, and whose sender does not close it', async () => {
  await expected(1);
  await sendMany(mostSmallOnes + 2, 0);
  await endsWithin(mostSmallOnes + 2);
  expect(new Set(arrived.map(({ outcome }) => outcome.is))).toEqual(new Set(['stored']));
});

it('F20 past the end of a transfer of which all is held', async () => {
  await expected(1);
  await sendMany(mostSmallOnes + 1, 1);
  await endsWithin(mostSmallOnes + 1);
  expect(new Set(arrived.map(({ outcome }) => outcome.is))).toEqual(new Set(['fault']));
});

it('whoever stores others may repeat as many: they may have been on their way over a lane that died', async () => {
  const blocks = 8;
  await expected(blocks);
  for (let block = 0; block < blocks; block += 1) {
    await send(block, ones(block === blocks - 1 ? 1 : blockBytes));
    await vi.waitFor(() => expect(arrived.at(-1)).toMatchObject({ block, outcome: { is: 'stored' } }));
  }
  await sendMany(mostSmallOnes, blocks - 1);
  await vi.waitFor(() => expect(arrived).toHaveLength(blocks + mostSmallOnes));
  expect(lanes).toEqual(['up']);
});

it('a read for an attempt that is over hides no file that cannot be read from the next attempt', async () => {
  const file = path.join(sender.folder, 'f');
  writeFileSync(file, ones(16 * blockBytes));
  const [item] = await sender.host.stagePaths([file]);
  const transfer = 'ab'.repeat(16);
  const { engine } = sender.host;
  await engine['send.open']({ transfer, secret: 'cd'.repeat(32), items: [item!.id], peerName: 'Ben' });
  await engine['send.select']({ transfer, selection: 'all' });
  const earlier = engine['direct.send']({ transfer, attempt, blocks: Array.from({ length: 16 }, (_, block) => block) });
  rmSync(file);
  await engine['send.select']({ transfer, selection: 'all' });
  await earlier;
  expect(await engine['send.read']({ transfer, block: 15 })).toMatchObject({ faults: [{ index: 0 }] });
});

/** An address of this machine that another one could dial. */
function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const own = all.find(({ family, internal }) => family === 'IPv4' && !internal);
  if (own === undefined) throw new Error('these tests need one network interface beside loopback');
  return own.address;
}
