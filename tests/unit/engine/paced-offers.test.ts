// A peer that offers and takes back in turns: each offer costs the host a place for its list, and a line in the history and in the log. So
// many in a row are taken, and then one a second; the others are declined unseen.

import { expect, it } from 'vitest';
import { offersBurst, offersPerSecond, transfersMaxLive } from '../../../shared/wire/limits.ts';
import { VirtualClock } from '../link/virtual-clock.ts';
import { MemoryDisk, Side } from './engine-pair.ts';
import { hello, linkPeer, manifest, offer, received, type ScriptedPeer, sendTo, settle } from './scripted-peer.ts';

const beyond = 20;
const nth = (at: number) => at.toString(16).padStart(32, '0');

function open() {
  const clock = new VirtualClock();
  const disk = new MemoryDisk();
  const side = new Side(disk, { clock });
  side.autoAccept = undefined;
  const peer = linkPeer(true, side);
  sendTo(peer, hello);
  return { clock, disk, peer };
}

async function offerEach(peer: ScriptedPeer, from: number, count: number, then: readonly object[]): Promise<void> {
  for (let at = from; at < from + count; at += 1) {
    const transfer = nth(at);
    sendTo(peer, { ...offer, transfer }, ...then.map((message) => ({ ...message, transfer })));
    await settle(6);
  }
}

const declined = ({ messages }: ScriptedPeer) => messages.filter(({ type }) => type === 'decline');

it.each([
  ['at once', [{ type: 'cancel' }]],
  ['with its list', [manifest, { type: 'cancel' }]],
  ['as something that broke', [manifest, { type: 'cancel', code: 'source-unreadable' }]],
])('C21 offers that are taken back %s', async (_how, then) => {
  const { clock, disk, peer } = open();
  await offerEach(peer, 0, offersBurst + beyond, then);
  expect(disk.history).toHaveLength(offersBurst);
  expect(declined(peer)).toHaveLength(beyond);
  expect(declined(peer)[0]).toMatchObject({ code: 'transfer-refused' });
  expect(peer.side.of('offer').length).toBeLessThanOrEqual(offersBurst);
  clock.advance(1_000 / offersPerSecond);
  await offerEach(peer, 1_000, 2, then);
  expect(disk.history).toHaveLength(offersBurst + 1);
  expect(peer.side.of('violation')).toEqual([]);
  peer.side.engine.close();
});

it('C21 an offer that was declined for it is taken a moment later, and its list with it', async () => {
  const { clock, peer } = open();
  await offerEach(peer, 0, offersBurst + 1, [{ type: 'cancel' }]);
  await received(peer, 'decline');
  clock.advance(1_000 / offersPerSecond);
  await offerEach(peer, offersBurst, 1, [manifest]);
  expect(peer.side.of('offer').map(({ transfer }) => transfer)).toEqual([nth(offersBurst)]);
  peer.side.engine.close();
});

it('as many offers as may wait at once are taken together', async () => {
  const { peer } = open();
  await offerEach(peer, 0, transfersMaxLive, [manifest]);
  expect(peer.side.of('offer')).toHaveLength(transfersMaxLive);
  expect([declined(peer), peer.side.of('violation')]).toEqual([[], []]);
  peer.side.engine.close();
});
