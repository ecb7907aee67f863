// A lane that rests is used once it rested, also by a browser's timer, which takes whole milliseconds and leaves the rest out; the clock has fractions.

import { expect, it, vi } from 'vitest';
import type { Clock } from '../../../shared/model/clock.ts';
import { linkOverDirectLane } from './direct-hosts.ts';
import { settle } from './scripted-peer.ts';

function browserClock(): { clock: Clock; skip(ms: number): Promise<void> } {
  let t = 1_000.1;
  const waiting = new Set<{ atMs: number; task: () => void }>();
  return {
    clock: {
      now: () => (t += 0.005),
      wallClockMs: () => 1_700_000_000_000 + t,
      after(ms, task) {
        const entry = { atMs: t + Math.trunc(ms), task };
        waiting.add(entry);
        return () => waiting.delete(entry);
      },
    },
    async skip(ms) {
      const end = t + ms;
      for (;;) {
        const due = [...waiting].filter(({ atMs }) => atMs <= end).sort((a, b) => a.atMs - b.atMs)[0];
        if (due === undefined) break;
        waiting.delete(due);
        t = Math.max(t, due.atMs + 0.2);
        due.task();
        await settle(2);
      }
      t = Math.max(t, end);
    },
  };
}

it('a lane that ended soon twice is used again after its pause', async () => {
  const time = browserClock();
  const pair = linkOverDirectLane({ clock: time.clock, canMeet: false });
  const [host] = pair.hosts;
  const isUsed = () => pair.a.of('direct-lane').at(-1)?.isUp;
  await vi.waitFor(() => expect(host.met).toBeGreaterThan(0));
  for (let times = 0; times < 2; times += 1) {
    host.comeUp();
    await settle();
    host.kill();
  }
  host.comeUp();
  await time.skip(10 * 60_000);
  expect(isUsed()).toBe(true);
  for (const { engine } of [pair.a, pair.b]) engine.close();
}, 30_000);
