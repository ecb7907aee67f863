// Files and links that are opened with Tincan, on their way to the host. Promises: what comes before there is a host waits for it; what
// comes while the host takes in earlier files goes together after them. macOS tells of each file by itself, however many are opened.

import { pathsMax } from '../shared/wire/limits.ts';
import type { LaunchRequest } from './argv.ts';
import type { HostSupervisor } from './host-supervisor.ts';

export type Opened = Pick<LaunchRequest, 'paths' | 'link'>;

export interface Launches {
  take(opened: Opened): void;
  /** There is a host from now on. */
  handTo(host: Pick<HostSupervisor, 'call'>): void;
}

export function openLaunches(report: (error: unknown) => void): Launches {
  let host: Pick<HostSupervisor, 'call'> | undefined;
  let paths: string[] = [];
  /** Of what is in `paths`, and how often the page was to hear of it. */
  let batch = 0;
  let told = 0;
  /** The last one: it fills the one field for codes. */
  let link: string | undefined;
  let isHanding = false;

  async function hand(): Promise<void> {
    if (host === undefined || isHanding) return;
    isHanding = true;
    while (paths.length > 0 || link !== undefined) {
      const [files, text, of] = [paths, link, { batch, told }];
      [paths, link] = [[], undefined];
      if (text !== undefined) await host.call('offerCodeLink', { text }).catch(report);
      if (files.length > 0) await host.call('stageOpened', { ...of, paths: files }).catch(report);
    }
    isHanding = false;
  }

  return {
    take(opened) {
      if (paths.length === 0) [batch, told] = [batch + 1, 0];
      // Now, however long the host still looks at earlier ones: whoever is linked now is whom they are for.
      if (opened.paths.length > 0) {
        told += 1;
        host?.call('expectOpened', { batch }).catch(report);
      }
      for (const file of opened.paths.slice(0, pathsMax - paths.length)) paths.push(file);
      link = opened.link ?? link;
      void hand();
    },
    handTo(opened) {
      host = opened;
      void hand();
    },
  };
}
