// A real host on a real disk in a folder of its own, with an "outside" beside it that nothing may touch.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Host } from '../../../host/host.ts';
import { openHost } from '../../../host/open-host.ts';
import { openQuietManners } from './receive-steps.ts';

export type TestHost = {
  readonly folder: string;
  readonly downloads: string;
  readonly outside: string;
  host: Host;
  /** What the person chooses in the next folder dialog. */
  chosen: string | undefined;
  /** As after a crash or a quit: what is on the disk stays. */
  restart(): Promise<void>;
  close(): Promise<void>;
};

export async function openTestHost(): Promise<TestHost> {
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
      manners: openQuietManners(
        async (file) => rmSync(file),
        () => test.chosen,
      ),
    });
  const test: TestHost = {
    folder,
    downloads,
    outside,
    chosen: undefined,
    host: undefined as unknown as Host,
    async restart() {
      await test.host.close();
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
