// The list of servers: typed in, imported, exported, tested. No server is asked while "Same network" is chosen.

import { OneAtATime } from '../../shared/model/one-at-a-time.ts';
import {
  isSameServer,
  isStun,
  readServerList,
  type ServerEntry,
  serverListText,
  whyNotAdd,
} from '../../shared/model/server-entry.ts';
import { serverListFileMaxBytes, serversMax } from '../../shared/wire/limits.ts';
import type { ServerNews, ServerTest, Settings, StoreAccess } from './app-state.ts';
import type { Ports } from './ports.ts';

const serverTestMs = 8_000;
const fileName = 'tincan-servers.json';

type Needs = Pick<Ports, 'testServer' | 'window'> & {
  readonly whileUnchanged: () => AbortSignal;
  /** Answers whether it was kept. */
  readonly saveSettings: (change: Partial<Settings>) => Promise<boolean>;
};

/** Whoever adds a STUN server wants it asked. */
function stunStep(added: readonly ServerEntry[]): { readonly askStun?: true } {
  return added.some(({ url }) => isStun(url)) ? { askStun: true } : {};
}

export function serverActions({ get, set }: StoreAccess, { saveSettings, testServer, whileUnchanged, window }: Needs) {
  /** The whole list is written each time: what is made of it is made of what was written last. */
  const changes = new OneAtATime();
  const change = <T>(work: () => Promise<T>): Promise<T> => changes.run(0, work);
  const tell = (serverNews: ServerNews) => set(() => ({ serverNews }));

  function showTest(url: string, test: ServerTest | undefined): void {
    set(({ serverTests }) => {
      const next = new Map(serverTests);
      if (test === undefined) next.delete(url);
      else next.set(url, test);
      return { serverTests: next };
    });
  }

  return {
    /** Answers whether it is in the list now. */
    addServer: (entry: ServerEntry): Promise<boolean> =>
      change(async () => {
        const { servers } = get().settings;
        const problem = whyNotAdd(entry, servers);
        tell(problem === undefined ? { at: 'quiet' } : { at: 'refused', problem });
        return problem === undefined && saveSettings({ servers: [...servers, entry], ...stunStep([entry]) });
      }),
    removeServer: (entry: ServerEntry): Promise<void> =>
      change(async () => {
        tell({ at: 'quiet' });
        await saveSettings({ servers: get().settings.servers.filter((held) => !isSameServer(held, entry)) });
      }),
    /** Adds what is not there yet; all of the file, or nothing. */
    async importServers(file: Blob): Promise<void> {
      const reading =
        file.size > serverListFileMaxBytes
          ? ({ ok: false, problem: { is: 'too-large' } } as const)
          : readServerList(await file.text());
      if (!reading.ok) return tell({ at: 'refused-file', problem: reading.problem });
      return change(async () => {
        const { servers } = get().settings;
        const fresh = reading.servers.filter((each) => !servers.some((held) => isSameServer(held, each)));
        if (servers.length + fresh.length > serversMax) return tell({ at: 'refused', problem: 'too-many' });
        if (fresh.length > 0 && !(await saveSettings({ servers: [...servers, ...fresh], ...stunStep(fresh) })))
          return undefined;
        return tell({ at: 'imported', added: fresh.length, held: reading.servers.length - fresh.length });
      });
    },
    exportServers(): void {
      tell({ at: 'quiet' });
      window.save(fileName, new Blob([serverListText(get().settings.servers)], { type: 'application/json' }));
    },
    async testServer(server: ServerEntry): Promise<void> {
      if (!get().settings.internet) return;
      showTest(server.url, { at: 'testing' });
      const unchanged = whileUnchanged();
      const view = await testServer(server, AbortSignal.any([unchanged, AbortSignal.timeout(serverTestMs)])).catch(
        () => ({ at: 'refused', relay: false, tookMs: 0 }) as const,
      );
      showTest(server.url, unchanged.aborted ? undefined : { at: 'told', view });
    },
  };
}
