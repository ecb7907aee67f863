// How many lanes a link is asked for, and that the next link is asked anew.

import { expect, it } from 'vitest';
import { LaneCount } from '../../../engine/lanes/lane-count.ts';
import { LanePool } from '../../../engine/lanes/lane-pool.ts';
import { lanesMax } from '../../../shared/wire/limits.ts';
import { VirtualClock } from '../link/virtual-clock.ts';
import { fileOf } from './engine-pair.ts';
import { linkPeer, offeredBy, received, sendTo } from './scripted-peer.ts';

it('asks each link for its lanes, also where the one before had as many', () => {
  const clock = new VirtualClock();
  const count = new LaneCount(new LanePool(() => undefined), clock, lanesMax);
  const sample = (roundTripMs: number) => {
    clock.advance(100);
    return count.sample([{ remainingBytes: 1e12, isWaitingForLane: true }], roundTripMs).wanted;
  };
  const far = 50;
  expect([sample(far), sample(far)]).toEqual([lanesMax, undefined]);
  count.restart();
  expect([sample(far), sample(far)]).toEqual([lanesMax, undefined]);
  count.restart();
  // On a near network the next link needs no more than it has.
  expect([sample(1), sample(1)]).toEqual([undefined, undefined]);
});

it('says of each link what it wants of it, so that a word that comes late holds for no other (C18)', async () => {
  const peer = linkPeer(true);
  const { side, lane } = peer;
  const { transfer, tag } = await offeredBy(peer, [fileOf('big', 30_000_000)]);
  // Far away, and nothing more goes over the one lane that there is.
  const { n } = await received(peer, 'ping');
  await new Promise((resolve) => setTimeout(resolve, 50));
  sendTo(peer, { type: 'pong', n });
  lane.peer!.buffered = 1e9;
  sendTo(peer, { type: 'accept', transfer, tag, all: true, credit: 8 });
  await side.until(() => side.of('want-lanes').at(-1)?.count === lanesMax);
  const binding = new Uint8Array(32);
  side.engine.command({ do: 'adopt', connection: 2, maxMessageBytes: 262_144, binding, fresh: true });
  expect(side.of('want-lanes').at(-1)?.count).toBe(1);
  side.engine.close();
});
