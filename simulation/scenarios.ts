// What the sweep goes through: the first computer sends, the second receives.

import type { ConflictPolicy } from '../shared/ipc/views.ts';
import { documents, downloads } from './computer.ts';
import type { Page } from './page.ts';
import type { Simulation } from './simulation.ts';

export type Scenario = (simulation: Simulation) => Promise<void>;

export const scenarios: Readonly<Record<string, Scenario>> = {
  'first-receive': (simulation) => receive(simulation, { top: 'trip', sizes: [20_000, 500, 0], conflict: 'keep-both' }),
  resume: async (simulation) => {
    const { world, computers, connections } = simulation;
    const wanted = { top: 'trip', sizes: [30_000, 9_000], conflict: 'keep-both' } as const;
    await receive(simulation, wanted, () => computers[1].calls.names.filter((name) => name === 'syncData').length > 1);
    connections.cut('both');
    // Long enough that what the journal names by now has to survive a power cut.
    await world.pass(3_000);
    connections.connect(true);
    await end(simulation);
  },
  replace: (simulation) => {
    simulation.computers[1].files.hasLinks = true;
    return receive(simulation, { top: 'same.bin', sizes: [9_000], conflict: 'replace' });
  },
  'replace-without-links': (simulation) => {
    simulation.computers[1].files.hasLinks = false;
    return receive(simulation, { top: 'same.bin', sizes: [9_000], conflict: 'replace' });
  },
  'folder-on-windows': (simulation) =>
    receive(simulation, { top: 'trip', sizes: [20_000, 500], conflict: 'keep-both' }),
  'replace-on-windows': (simulation) => {
    simulation.computers[1].files.hasLinks = true;
    return receive(simulation, { top: 'same.bin', sizes: [9_000], conflict: 'replace' });
  },
  'into-a-folder': (simulation) => receive(simulation, { top: 'a0', sizes: [9_000, 300], conflict: 'replace' }),
  /** The folder is one, and everything is copied there. */
  'into-another-disk': (simulation) => {
    simulation.computers[1].files.mount(`${downloads}/a0`);
    return receive(simulation, { top: 'a0', sizes: [9_000, 300], conflict: 'replace' });
  },
  'small-files': (simulation) =>
    receive(simulation, { top: 'many', sizes: Array.from({ length: 200 }, (_, at) => at % 90), conflict: 'keep-both' }),
  'without-links': (simulation) => {
    simulation.computers[1].files.hasLinks = false;
    return receive(simulation, { top: 'same.bin', sizes: [9_000], conflict: 'keep-both' });
  },
  'beside-another': (simulation) => {
    simulation.computers[1].files.hasLinks = true;
    return receive(simulation, { top: 'same.bin', sizes: [9_000], conflict: 'keep-both' });
  },
  /** Blocks are being written while others are synced, and no later sync of the same file makes good what that one missed. */
  'slow-disk': async (simulation) => {
    const { calls } = simulation.computers[1];
    calls.isSlow = true;
    await receive(simulation, { top: 'trip', sizes: Array.from({ length: 12 }, () => 6_100), conflict: 'keep-both' });
    calls.isSlow = false;
  },
  /** What the first one left is removed while the second is written down: a power cut then brings nothing back. */
  'one-after-another': async (simulation) => {
    await receive(simulation, { top: 'first', sizes: [500, 9_000], conflict: 'keep-both' });
    await receive(simulation, { top: 'second', sizes: [500, 9_000], conflict: 'keep-both' });
  },
  'no-room': async (simulation) => {
    const { world, computers } = simulation;
    const [, receiver] = computers;
    const { device } = receiver.files;
    const hasBegun = () => receiver.calls.names.includes('writeParts');
    await receive(simulation, { top: 'big.bin', sizes: [80_000], conflict: 'keep-both' }, hasBegun);
    // Somebody else takes the room that there was.
    const taken = Math.max(0, receiver.files.freeBytes - 40_000);
    device.usedBytes += taken;
    await world.pass(2_000);
    // It is told so in time, and the rest of the disk stays theirs.
    const leftBytes = device.totalBytes - device.usedBytes;
    if (leftBytes < 6_000) world.fail(`a transfer that does not fit took the disk down to ${leftBytes} bytes`);
    device.usedBytes = Math.max(0, device.usedBytes - taken);
    await end(simulation);
  },
};

/** Those that play on computers with Windows. */
export const onWindows: ReadonlySet<string> = new Set(['folder-on-windows', 'replace-on-windows']);

/** Those that put a new file in the place of an old one. */
export const replaces: ReadonlySet<string> = new Set(['replace', 'replace-without-links', 'replace-on-windows']);

type Wanted = { readonly top: string; readonly sizes: readonly number[]; readonly conflict: ConflictPolicy };

async function receive(simulation: Simulation, { top, sizes, conflict }: Wanted, until?: () => boolean): Promise<void> {
  const { world, computers, sources } = simulation;
  const [sender, receiver] = computers;
  const isFile = top.includes('.');
  const files = sizes.map((size, at) => {
    const full = isFile ? `${documents}/${top}` : `${documents}/${top}/deep/${at}.txt`;
    sender.act(() => {
      sender.files.makeFolders(full.slice(0, full.lastIndexOf('/')), 0o755);
      sources.get(sender)!.write(full, size);
    });
    return full;
  });
  simulation.sendPicked(sender, { top: `${documents}/${top}`, isFolder: !isFile, files });
  await world.pass(3_000, () => (receiver.page?.offers.size ?? 0) > 0);
  for (const transfer of [...(receiver.page?.offers.keys() ?? [])]) void receiver.page?.accept(transfer, conflict);
  if (until !== undefined) await world.pass(10_000, until);
  else await end(simulation);
}

async function end({ world, computers, oracle }: Simulation): Promise<void> {
  const isDone = (page: Page | undefined, transfer: string) => page?.views.get(transfer)?.state === 'done';
  const isOver = () =>
    [...oracle.sent.keys()].every((transfer) => computers.every(({ page }) => isDone(page, transfer)));
  await world.pass(15_000, isOver);
  await world.pass(500);
}
