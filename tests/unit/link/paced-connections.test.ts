// A peer that has connections made and thrown away without end: there are few at once, and not many in all. Whoever has a network
// that changes without end gets all of them once it is calm.

import { expect, it } from 'vitest';
import { connectionPaces, pacedConnections } from '../../../link/connections.ts';
import { startLanes } from '../../../link/run-lanes.ts';
import { startStandby } from '../../../link/run-standby.ts';
import {
  askedConnectionsBurst,
  askedConnectionsPerSecond,
  lanesMax,
  standbyPairsKept,
} from '../../../shared/wire/limits.ts';
import { FakeNetwork } from './fake-network.ts';
import { confirmBoth, openTwoLinks, untilAsked } from './two-links.ts';
import { settled, VirtualClock } from './virtual-clock.ts';

const fields = { ufrag: 'abcd', pwd: 'a'.repeat(24), fingerprint: 'fe'.repeat(32), candidates: [] };
const rounds = 600;
const everyMs = 20;
/** What fifty words a second may bring in the twelve seconds that they last. */
const most = askedConnectionsBurst + 13;

function linked() {
  const clock = new VirtualClock();
  const connections = new FakeNetwork().connections();
  return { clock, connections, paced: pacedConnections(connections, clock, connectionPaces(clock).of(undefined)) };
}

it.each([
  ['C16 offers lanes and closes them again', false],
  ['C16 wants many lanes and few in turns', true],
] as const)('a peer that %s', async (_what, leads) => {
  const { clock, connections, paced } = linked();
  const ignore = () => undefined;
  const lanes = startLanes({
    leads,
    clock,
    connections: paced,
    send: ignore,
    use: ignore,
    retire: ignore,
    changed: ignore,
  });
  lanes.linkUp(false);
  for (let round = 1; round <= rounds; round += 1) {
    if (leads) lanes.handle({ say: 'lanes-wanted', count: round % 2 === 0 ? 1 : lanesMax });
    else lanes.handle({ say: 'lane-offer', lane: round, fields });
    await settled();
    if (!leads) lanes.handle({ say: 'lane-close', lane: round });
    clock.advance(everyMs);
  }
  expect(connections.made).toBeLessThanOrEqual(most);
  clock.advance(60_000);
  await settled();
  if (leads) lanes.handle({ say: 'lanes-wanted', count: 3 });
  else lanes.handle({ say: 'lane-offer', lane: rounds + 1, fields });
  await settled();
  expect(connections.count()).toBe(leads ? 2 : 1);
  lanes.close();
  expect(connections.count()).toBe(0);
});

it('C16 a peer that counts its standby connections upwards', async () => {
  const { clock, connections, paced } = linked();
  const standby = startStandby({
    connections: paced,
    clock,
    send: () => undefined,
    ready: () => undefined,
    dropped: () => undefined,
  });
  standby.refill();
  for (let round = 1; round <= rounds; round += 1) {
    standby.announced([{ pair: 10 * round, fields }]);
    await settled();
    clock.advance(everyMs);
  }
  expect(connections.made).toBeLessThanOrEqual(most);
  clock.advance(60_000);
  standby.refill();
  await settled();
  expect(connections.count()).toBe(standbyPairsKept);
  standby.close();
  expect(connections.count()).toBe(0);
});

it('C16 a link holds its peer to that', async () => {
  const links = openTwoLinks();
  await untilAsked(links);
  await confirmBoth(links);
  const { a, b, clock } = links;
  for (let lane = 1; lane <= rounds; lane += 1) {
    b.hear({ say: 'lane-offer', lane, fields });
    await settled();
    b.hear({ say: 'lane-close', lane });
    clock.advance(everyMs);
  }
  expect(b.connections.made).toBeLessThanOrEqual(most);
  for (const { linked } of [a, b]) linked.close();
});

it.each([1, lanesMax])('has all standby connections and %i lanes after minutes of other addresses', async (count) => {
  const links = openTwoLinks();
  await untilAsked(links);
  await confirmBoth(links);
  const { a, b, clock } = links;
  a.linked.wantLanes(count);
  for (let changes = 0; changes < 150; changes += 1) {
    a.linked.nudge('addresses');
    await clock.pass(2_000);
  }
  expect(a.connections.made).toBeGreaterThan(askedConnectionsBurst);
  await clock.pass(30_000);
  for (const { linked } of [a, b]) {
    expect(await linked.facts()).toMatchObject({ standby: standbyPairsKept, lanes: count });
  }
  for (const { linked } of [a, b]) linked.close();
});

it.each([
  ['a remembered computer that links anew by itself', 'anna', 0],
  ['another remembered computer', 'ben', 1],
  ['somebody whom people let in anew', undefined, 1],
])('C16 the pace that one link used up is that of %s as well, or not', async (_who, next, soon) => {
  const clock = new VirtualClock();
  const connections = new FakeNetwork().connections();
  const paces = connectionPaces(clock);
  const first = pacedConnections(connections, clock, paces.of('anna'));
  for (let made = 0; made < askedConnectionsBurst; made += 1) await first.open({ id: 1, control: false });
  first.close();
  const second = pacedConnections(connections, clock, paces.of(next));
  const opening = second.open({ id: 1, control: false });
  await settled();
  expect(connections.made).toBe(askedConnectionsBurst + soon);
  clock.advance(1_000 / askedConnectionsPerSecond);
  await opening;
  second.close();
});

it('makes none for a link that ended while they waited', async () => {
  const { clock, connections, paced } = linked();
  const open = () => paced.open({ id: 1, control: false });
  for (let made = 0; made < askedConnectionsBurst; made += 1) await open();
  const late = Promise.allSettled([open(), open()]);
  paced.close();
  clock.advance(10_000);
  expect((await late).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(connections.made).toBe(askedConnectionsBurst);
  expect(clock.pending).toBe(0);
});
