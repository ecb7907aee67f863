// A peer that offers and takes back in turns: each offer costs the host a place for its list, and a line in the history and in the log. So
// many in a row are taken, and then one a second; the others are declined unseen.

import { expect, it } from 'vitest';
import { offersBurst, offersPerSecond, transfersMaxLive } from '../../../shared/wire/limits.ts';
import { VirtualClock } from '../link/virtual-clock.ts';
import { MemoryDisk, Side } from './engine-pair.ts';
import { hello, linkPeer, manifest, offer, received, type ScriptedPeer, sendTo, settle } from './scripted-peer.ts';

const beyond = 20;
const nth = (at: number) => at.toString(16).padStart(32, '0');

function open(remembered?: string) {
  const clock = new VirtualClock();
  const disk = new MemoryDisk();
  const side = new Side(disk, { clock });
  side.autoAccept = undefined;
  return { clock, disk, peer: link(side, remembered) };
}

/** `remembered`: by the name of this entry, without a word of a person. */
function link(side: Side, remembered?: string): ScriptedPeer {
  const peer = linkPeer(false, side);
  const known = remembered === undefined ? {} : { remembered };
  side.engine.command({ do: 'authorize', peerName: 'x', checked: true, ...known });
  sendTo(peer, hello);
  return peer;
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

it.each([
  ['by codes', undefined, undefined],
  ['by codes after one that is remembered', 'anna', undefined],
  ['as another that is remembered', 'anna', 'ben'],
])('the next peer %s has a pace of its own', async (_how, before, next) => {
  const { peer } = open(before);
  await offerEach(peer, 0, offersBurst + 1, [{ type: 'cancel' }]);
  await received(peer, 'decline');
  const other = link(peer.side, next);
  await offerEach(other, 1_000, 1, [manifest]);
  expect(declined(other)).toEqual([]);
  expect(other.side.of('offer').map(({ transfer }) => transfer)).toEqual([nth(1_000)]);
  peer.side.engine.close();
});

it('C21 a remembered computer that links anew by itself finds the pace as it left it', async () => {
  const { clock, disk, peer } = open('anna');
  await offerEach(peer, 0, offersBurst, [{ type: 'cancel' }]);
  link(peer.side, 'ben');
  await settle();
  const again = link(peer.side, 'anna');
  await offerEach(again, 1_000, beyond, [{ type: 'cancel' }]);
  expect(declined(again)).toHaveLength(beyond);
  clock.advance(1_000 / offersPerSecond);
  await offerEach(again, 2_000, 2, [{ type: 'cancel' }]);
  expect(disk.history).toHaveLength(offersBurst + 1);
  peer.side.engine.close();
});
