// A sender that has its list asked for anew while the host is still at it: over a cut control it may do so, and a list that another one
// has replaced is nobody's any more. However often it does, the host is at one list of a transfer.

import { expect, it } from 'vitest';
import type { Disk, Sink } from '../../../engine/ports.ts';
import { askedReopensBurst, askedReopensPerSecond, thumbnailsMax } from '../../../shared/wire/limits.ts';
import { VirtualClock } from '../link/virtual-clock.ts';
import { MemoryDisk, Side } from './engine-pair.ts';
import {
  entries,
  hello,
  id,
  linkPeer,
  manifest,
  offer,
  received,
  type ScriptedPeer,
  sendTo,
  settle,
} from './scripted-peer.ts';

const beyond = 20;

/** Notes what the host is asked for; a plan takes until `plan` is called. */
function open() {
  const clock = new VirtualClock();
  const disk = new MemoryDisk();
  const calls: string[] = [];
  const planning = Promise.withResolvers<void>();
  const noted = (sink: Sink): Sink => ({
    ...sink,
    begin: (what) => {
      calls.push('begin');
      return sink.begin(what);
    },
    entries: (part) => {
      calls.push('entries');
      return sink.entries(part);
    },
    plan: async () => {
      calls.push('plan');
      await planning.promise;
      return sink.plan();
    },
  });
  const port: Disk = {
    source: (transfer, from) => disk.source(transfer, from),
    sink: (transfer) => noted(disk.sink(transfer)),
    claims: disk.claims,
    addHistory: disk.addHistory,
  };
  const side = new Side(disk, { clock }, port);
  side.autoAccept = undefined;
  const peer = linkPeer(true, side);
  const count = (call: string) => calls.filter((one) => one === call).length;
  return { clock, peer, calls, count, plan: planning.resolve };
}

const asked = ({ messages }: ScriptedPeer) => messages.filter(({ type }) => type === 'decline').length;

/** As a sender whose offer was lost: it goes on, is asked for the offer, and offers again. */
async function offerAnew(peer: ScriptedPeer, times: number, list: readonly object[]): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    const before = asked(peer);
    sendTo(peer, { type: 'continue', transfer: id, tag: 100 + time });
    await settle(4);
    if (asked(peer) > before) sendTo(peer, ...list);
    await settle(4);
  }
}

it('C23 a list that another one replaced is not handed to the host, and not planned', async () => {
  const { peer, calls, plan } = open();
  const long = [
    { ...manifest, last: false },
    { ...manifest, part: 1, entries: [{ ...entries[0], path: ['b'] }] },
  ];
  const list = [{ ...offer, totals: { files: 2, folders: 0, bytes: 6000 } }, ...long];
  sendTo(peer, hello, ...list);
  await settle();
  expect(calls).toEqual(['begin', 'entries', 'entries', 'plan']);
  await offerAnew(peer, 10, list);
  plan();
  await settle();
  expect(calls.filter((call) => call !== 'begin')).toEqual([
    'entries',
    'entries',
    'plan',
    'entries',
    'entries',
    'plan',
  ]);
  expect(peer.side.of('offer').map(({ plan: { totals } }) => totals)).toEqual([{ files: 2, folders: 0, bytes: 6000 }]);
  expect(peer.side.of('violation')).toEqual([]);
  peer.side.engine.close();
});

it('C23 a list is asked for anew so many times in a row, and then at a pace', async () => {
  const { clock, peer, count, plan } = open();
  plan();
  sendTo(peer, hello, offer);
  await settle();
  await offerAnew(peer, askedReopensBurst + beyond, [offer]);
  expect([asked(peer), count('begin')]).toEqual([askedReopensBurst, 1 + askedReopensBurst]);
  clock.advance(1_000 / askedReopensPerSecond);
  await received(peer, 'decline', askedReopensBurst + 1);
  // The newest word is the one that was heard, and whoever waited for it has its offer taken.
  sendTo(peer, offer, manifest);
  await settle();
  expect(peer.side.of('offer')).toHaveLength(1);
  clock.advance(10_000 / askedReopensPerSecond);
  await settle();
  expect(asked(peer)).toBe(askedReopensBurst + 1);
  expect(peer.side.of('violation')).toEqual([]);
  peer.side.engine.close();
  expect(clock.pending).toBe(0);
});

it('small pictures that come again with the list are no violation, and there are no more of one transfer than of one list', async () => {
  const { peer } = open();
  const files = 2 * thumbnailsMax;
  const list = [
    { ...offer, totals: { files, folders: 0, bytes: files * 3000 } },
    { ...manifest, entries: Array.from({ length: files }, (_, at) => ({ ...entries[0], path: [`${at}`] })) },
  ];
  const pictures = (from: number) =>
    Array.from({ length: thumbnailsMax }, (_, at) => ({
      type: 'thumbnail',
      transfer: id,
      index: from + at,
      image: 'UklGRg==',
    }));
  sendTo(peer, { ...hello, features: ['thumbnails'] }, ...list, ...pictures(0));
  await settle();
  await offerAnew(peer, 1, [...list, ...pictures(0)]);
  await offerAnew(peer, 1, [...list, ...pictures(thumbnailsMax)]);
  await settle();
  expect(new Set(peer.side.of('thumbnail').map(({ index }) => index)).size).toBe(thumbnailsMax);
  expect(peer.side.of('violation')).toEqual([]);
  peer.side.engine.close();
});
