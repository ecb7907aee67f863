// A cut of hours over one connection: what waited for it is little, and no flood when it comes.

import { expect, it } from 'vitest';
import { VirtualClock } from '../link/virtual-clock.ts';
import { linkTwo, MemoryDisk, Side } from './engine-pair.ts';
import { settle } from './scripted-peer.ts';

it('pings that waited for the end of a cut of two hours break no rule', async () => {
  const clock = new VirtualClock();
  const [a, b] = [new Side(new MemoryDisk(), { clock }), new Side(new MemoryDisk(), { clock })];
  const { controls } = linkTwo(1, { a, b });
  await settle();
  for (const { engine } of [a, b]) engine.command({ do: 'link-state', up: false });
  for (const wire of controls) wire.unread = [];
  await clock.pass(2 * 3_600_000);
  for (const wire of controls) wire.read();
  for (let time = 0; time < 5; time += 1) {
    await settle(200);
    clock.advance(200);
  }
  expect([...a.of('violation'), ...b.of('violation')]).toEqual([]);
  for (const { engine } of [a, b]) engine.close();
});
