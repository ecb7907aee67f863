// A real host on a real disk in a folder of its own, with an "outside" beside it that nothing may touch.

import * as fs from 'node:fs';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Disk } from '../../../host/disk/disk.ts';
import { type FailingDisk, openFailingDisk } from '../../../host/disk/failing-disk.ts';
import { openRealDisk } from '../../../host/disk/real-disk.ts';
import type { Host } from '../../../host/host.ts';
import { openHost } from '../../../host/open-host.ts';
import { systemClock } from '../../../host/system-clock.ts';
import type { Clock } from '../../../shared/model/clock.ts';
import { openQuietServices } from './receive-steps.ts';

export type TestHost = {
  readonly folder: string;
  readonly downloads: string;
  readonly outside: string;
  host: Host;
  /** What the person chooses in the next folder dialog. */
  chosen: string | undefined;
  /** As after a crash or a quit: what is on the disk stays. */
  restart(between?: () => void): Promise<void>;
  close(): Promise<void>;
};

/** What a test has of its own instead of the real ones. */
export type Instead = {
  readonly disk?: Disk;
  readonly clock?: Clock;
  readonly trash?: (file: string) => Promise<void>;
};

/** Every pause is over at once. */
export const hastyClock: Clock = {
  ...systemClock,
  after(_ms, task) {
    const timer = setImmediate(task);
    return () => clearImmediate(timer);
  },
};

/** Whatever goes wrong on its disk is tried again at once. */
export async function openFailingTestHost(): Promise<{ readonly disk: FailingDisk; readonly test: TestHost }> {
  const disk = openFailingDisk(openRealDisk(), fs);
  return { disk, test: await openTestHost({ disk, clock: hastyClock }) };
}

export async function openTestHost({
  trash = async (file) => rmSync(file),
  ...instead
}: Instead = {}): Promise<TestHost> {
  const folder = mkdtempSync(path.join(tmpdir(), 'tincan-host-'));
  const [downloads, outside] = [path.join(folder, 'downloads'), path.join(folder, 'outside')];
  mkdirSync(downloads);
  mkdirSync(outside);
  writeFileSync(path.join(outside, 'sentinel'), 'untouched');
  const open = () =>
    openHost({
      dataDir: path.join(folder, 'data'),
      downloadDir: downloads,
      version: '0',
      services: openQuietServices(trash, () => test.chosen),
      ...instead,
    });
  const test: TestHost = {
    folder,
    downloads,
    outside,
    chosen: undefined,
    host: undefined as unknown as Host,
    async restart(between) {
      await test.host.close();
      between?.();
      test.host = await open();
    },
    async close() {
      await test.host.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  test.host = await open();
  return test;
}

export const treeOf = (folder: string) => readdirSync(folder, { recursive: true }).map(String).sort();

/** What lies beside the downloads, Tincan's own folder aside. */
export const outsideOf = ({ folder, outside }: TestHost) => [
  readdirSync(folder).sort(),
  treeOf(outside),
  readFileSync(path.join(outside, 'sentinel'), 'utf8'),
];

export const outsideUntouched = [['data', 'downloads', 'outside'], ['sentinel'], 'untouched'];
