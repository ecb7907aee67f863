// Blocks that are held and credit that is given back, counted one by one against a scripted peer: nothing is sent that is held, nothing
// is forgotten, and a lane that dies takes no credit with it.

import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { encodeFrame } from '../../../shared/wire/frame.ts';
import { blockBytes, creditMaxBlocks } from '../../../shared/wire/limits.ts';
import {
  addLane,
  frame,
  hello,
  id,
  linkPeer,
  manifest,
  offer,
  offeredBy,
  received,
  type ScriptedPeer,
  sendTo,
  settle,
} from './scripted-peer.ts';

const patience = { interval: 2, timeout: 10_000 };
const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();

async function accepted(blocks: number, held: readonly (readonly [number, number])[], credit: number) {
  const bytes = new Uint8Array(randomBytes(blocks * blockBytes));
  const peer = linkPeer(true);
  const at = await offeredBy(peer, [{ path: ['a'], bytes }]);
  if (held.length > 0) sendTo(peer, { type: 'held', transfer: at.transfer, ranges: held });
  sendTo(peer, { type: 'accept', ...at, all: true, credit });
  const stored = (block: number) => sendTo(peer, { type: 'stored', ...at, ranges: [[block, block + 1]], credit });
  const hashes = Array.from({ length: blocks }, (_, nth) =>
    sha(bytes.subarray(nth * blockBytes, (nth + 1) * blockBytes)),
  );
  return { peer, stored, root: sha(Buffer.concat(hashes)).toString('hex') };
}

describe('a sender', () => {
  it.each([
    [[[0, 4]], [4]],
    [[[1, 3]], [0, 3, 4]],
    [
      [
        [0, 1],
        [2, 3],
        [4, 5],
      ],
      [1, 3],
    ],
  ] as const)('that hears %j held sends exactly %j, and proves all five', async (held, expected) => {
    const { peer, stored, root } = await accepted(5, held, creditMaxBlocks);
    await expect.poll(() => peer.blocks.length, patience).toBeGreaterThanOrEqual(expected.length);
    await settle();
    expect(peer.blocks.toSorted()).toEqual(expected);
    for (const block of expected) stored(block);
    expect(await received(peer, 'complete')).toMatchObject({ root });
    peer.side.engine.close();
  });

  it('sends a block of a lane that died once more within its credit, and goes on to the end', async () => {
    const { peer, stored, root } = await accepted(5, [], 1);
    await expect.poll(() => peer.blocks.length, patience).toBe(1);
    peer.lane.close();
    await peer.side.until(() => peer.side.of('channel-closed').length > 0);
    addLane(peer, 2);
    await expect.poll(() => peer.blocks.length, patience).toBe(2);
    expect(peer.blocks[1]).toBe(peer.blocks[0]);
    for (let nth = 1; nth <= 5; nth += 1) {
      await expect.poll(() => peer.blocks.length, patience).toBe(nth + 1);
      stored(peer.blocks[nth]!);
    }
    expect(await received(peer, 'complete')).toMatchObject({ root });
    peer.side.engine.close();
  });

  it('has all of its credit again once a block of a lane that died is on its way over another', async () => {
    const { peer, stored } = await accepted(5, [], 2);
    await expect.poll(() => peer.blocks.length, patience).toBe(2);
    peer.lane.close();
    await peer.side.until(() => peer.side.of('channel-closed').length > 0);
    addLane(peer, 2);
    await expect.poll(() => peer.blocks.length, patience).toBe(4);
    const [, , again, other] = peer.blocks;
    expect([again, other].toSorted()).toEqual(peer.blocks.slice(0, 2).toSorted());
    // One of the two is still on its way: the other's credit is free for a third block.
    stored(other!);
    await expect.poll(() => peer.blocks.length, patience).toBe(5);
    expect(peer.blocks.slice(0, 4)).not.toContain(peer.blocks[4]);
    peer.side.engine.close();
  });
});

describe('a receiver', () => {
  async function receiving(blocks: number): Promise<ScriptedPeer> {
    const peer = linkPeer(true);
    const size = blocks * blockBytes;
    const entries = [{ kind: 'file', path: ['a'], size, mtimeMs: 0, executable: false }];
    sendTo(peer, hello, { ...offer, totals: { files: 1, folders: 0, bytes: size } }, { ...manifest, entries });
    await received(peer, 'accept');
    return peer;
  }

  it('tells another attempt exactly the blocks that are stored', async () => {
    const peer = await receiving(8);
    const part = new Uint8Array(blockBytes / 8);
    const hash = sha(new Uint8Array(blockBytes));
    for (const block of [0, 1, 2, 5]) {
      for (let nth = 0; nth < 8; nth += 1) {
        const last = nth === 7 ? new Uint8Array(hash) : undefined;
        peer.lane.post(encodeFrame({ tag: offer.tag, block, offset: nth * part.length }, part, last), 0);
      }
    }
    await expect.poll(() => peer.side.disk.written, patience).toBe(4);
    await settle();
    sendTo(peer, { type: 'continue', transfer: id, tag: 9 });
    await received(peer, 'accept', 2);
    expect((await received(peer, 'held')).ranges).toEqual([
      [0, 3],
      [5, 6],
    ]);
    peer.side.engine.close();
  });

  it('takes as many blocks again as it granted when the lanes died in the middle of them', async () => {
    const peer = await receiving(3 * creditMaxBlocks);
    for (let round = 0; round < 2; round += 1) {
      const lanes = Array.from({ length: creditMaxBlocks }, (_, nth) => addLane(peer, 10 + round * 100 + nth));
      for (const [nth, lane] of lanes.entries()) lane.post(frame(0, 2000, round * creditMaxBlocks + nth), 0);
      await settle();
      for (const lane of lanes) lane.close();
      await settle();
    }
    expect(peer.side.of('violation')).toEqual([]);
    peer.side.engine.close();
  });
});
