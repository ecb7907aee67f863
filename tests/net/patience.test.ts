// Slow people and bad networks: two real Chromiums in two network namespaces. Scenarios run side by side, each in a
// network of its own; the waits are the subject, not a way to synchronise.

import { describe, expect, it } from 'vitest';
import { linkByPaste, openBrowser } from './link-browser.ts';
import { whyNoNamespaces } from './namespaces.ts';
import { later, type MachineOptions, type Machines, openMachines } from './pair-of-machines.ts';

const why = whyNoNamespaces();
if (why !== undefined) console.log(`The patience tests are skipped: ${why}.`);
const slow = process.env.TINCAN_SLOW === '1';
if (!slow) console.log('The 300 s late reply runs with TINCAN_SLOW=1.');

async function withMachines(options: MachineOptions, use: (machines: Machines) => Promise<void>): Promise<void> {
  const machines = await openMachines(options);
  try {
    await use(machines);
  } finally {
    await machines.close();
  }
}

async function replyLate({ anna, ben }: Machines, lateMs: number): Promise<void> {
  await ben.take(await anna.code('invite'));
  const reply = await ben.code('reply');
  await later(lateMs);
  await anna.take(reply);
}

describe.skipIf(why !== undefined)('a slow reply', { concurrent: true }, () => {
  it('links in under two seconds when it is taken 90 s late through two stateful firewalls', async () => {
    await withMachines({ firewalls: true }, async (machines) => {
      await replyLate(machines, 90_000);
      const ms = Math.max(...(await Promise.all([machines.anna.until('linked'), machines.ben.until('linked')])));
      expect(ms).toBeLessThan(2_000);
    });
  }, 150_000);

  it('does not link when candidates are not added again', async () => {
    await withMachines({ firewalls: true, retriesCandidates: false }, async (machines) => {
      await replyLate(machines, 90_000);
      await expect(machines.anna.until('linked', 10_000)).rejects.toThrow('anna is not linked');
    });
  }, 150_000);

  it.runIf(slow)(
    'links when it is taken 300 s late on an open network',
    async () => {
      await withMachines({ firewalls: false }, async (machines) => {
        await replyLate(machines, 300_000);
        await Promise.all([machines.anna.until('linked', 5_000), machines.ben.until('linked', 5_000)]);
      });
    },
    400_000,
  );
});

describe.skipIf(why !== undefined)('a link that is down', { concurrent: true }, () => {
  it('heals by itself after cuts of 1, 20 and 60 s and carries on', async () => {
    await withMachines({ firewalls: true }, async ({ network, anna, ben }) => {
      await linkByPaste(anna, ben);
      for (const [n, seconds] of [1, 20, 60].entries()) {
        network.cut('a');
        if (seconds > 10) {
          await Promise.all([anna.until('reconnecting', 16_000), ben.until('reconnecting', 16_000)]);
        }
        await later(seconds * 1_000);
        network.mend('a');
        await Promise.all([anna.until('linked', 12_000), ben.until('linked', 12_000)]);
        await anna.note(n);
        await ben.untilNote(n);
      }
      expect((await anna.facts()).fresh).toBe(1);
    });
  }, 200_000);

  it('moves to a standby connection when an address changes and one side notices', async () => {
    await withMachines({ firewalls: false }, async ({ network, anna, ben }) => {
      await linkByPaste(anna, ben);
      await anna.wantLanes(3);
      await Promise.all([anna.untilFact('lanes', 2), ben.untilFact('lanes', 2)]);
      await Promise.all([anna.untilStandby(3), ben.untilStandby(3)]);
      network.changeAddress('a', 9);
      await anna.nudge('addresses');
      await Promise.all([anna.untilFact('adopted', 2, 5_000), ben.untilFact('adopted', 2, 5_000)]);
      await anna.note(1);
      await ben.untilNote(1);
      await Promise.all([anna.untilFact('lanes', 2), ben.untilFact('lanes', 2)]);
      expect((await anna.facts()).fresh).toBe(1);
      expect((await ben.facts()).authorized).not.toBeNull();
    });
  }, 120_000);

  it('recovers from a peer that was frozen for 30 s', async () => {
    await withMachines({ firewalls: true }, async ({ network, anna, ben }) => {
      await linkByPaste(anna, ben);
      network.signal('b', 'SIGSTOP');
      await anna.until('reconnecting', 16_000);
      await later(15_000);
      network.signal('b', 'SIGCONT');
      await Promise.all([anna.until('linked'), ben.until('linked')]);
      await anna.note(1);
      await ben.untilNote(1);
    });
  }, 120_000);

  it('shows a killed peer as reconnecting within 16 s, and pairs again without losing the page', async () => {
    await withMachines({ firewalls: true }, async ({ network, anna, ben, browsers }) => {
      await linkByPaste(anna, ben);
      network.signal('b', 'SIGKILL');
      expect(await anna.until('reconnecting', 16_000)).toBeLessThan(16_000);
      await browsers[1].close();
      const back = await openBrowser(network.name('b'));
      try {
        await anna.do('pairAgain');
        const carla = await back.open('carla');
        await carla.take(await anna.code('invite'));
        await anna.take(await carla.code('reply'));
        await Promise.all([anna.until('linked'), carla.until('linked')]);
        await Promise.all([anna.confirm('match'), carla.confirm('match')]);
        await Promise.all([anna.untilGate(), carla.untilGate()]);
        expect((await anna.facts()).fresh).toBe(2);
      } finally {
        await back.close();
      }
    });
  }, 120_000);
});
