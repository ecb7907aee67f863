// The list of servers: typed in, imported, exported, tested. No server is asked while "Same network" is chosen.

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
  /** Answers whether it was kept. */
  readonly saveSettings: (change: Partial<Settings>) => Promise<boolean>;
};

/** Whoever adds a STUN server wants it asked. */
function stunStep(added: readonly ServerEntry[]): { readonly askStun?: true } {
  return added.some(({ url }) => isStun(url)) ? { askStun: true } : {};
}

export function serverActions({ get, set }: StoreAccess, { testServer, saveSettings, window }: Needs) {
  const tell = (serverNews: ServerNews) => set(() => ({ serverNews }));

  function showTest(url: string, test: ServerTest): void {
    set(({ serverTests }) => ({ serverTests: new Map(serverTests).set(url, test) }));
  }

  return {
    /** Answers whether it is in the list now. */
    async addServer(entry: ServerEntry): Promise<boolean> {
      const { servers } = get().settings;
      const problem = whyNotAdd(entry, servers);
      tell(problem === undefined ? { at: 'quiet' } : { at: 'refused', problem });
      return problem === undefined && saveSettings({ servers: [...servers, entry], ...stunStep([entry]) });
    },
    async removeServer(entry: ServerEntry): Promise<void> {
      tell({ at: 'quiet' });
      await saveSettings({ servers: get().settings.servers.filter((held) => !isSameServer(held, entry)) });
    },
    /** Adds what is not there yet; all of the file, or nothing. */
    async importServers(file: Blob): Promise<void> {
      const reading =
        file.size > serverListFileMaxBytes
          ? ({ ok: false, problem: { is: 'too-large' } } as const)
          : readServerList(await file.text());
      if (!reading.ok) return tell({ at: 'refused-file', problem: reading.problem });
      const { servers } = get().settings;
      const fresh = reading.servers.filter((each) => !servers.some((held) => isSameServer(held, each)));
      if (servers.length + fresh.length > serversMax) return tell({ at: 'refused', problem: 'too-many' });
      if (fresh.length > 0 && !(await saveSettings({ servers: [...servers, ...fresh], ...stunStep(fresh) })))
        return undefined;
      return tell({ at: 'imported', added: fresh.length, held: reading.servers.length - fresh.length });
    },
    exportServers(): void {
      tell({ at: 'quiet' });
      window.save(fileName, new Blob([serverListText(get().settings.servers)], { type: 'application/json' }));
    },
    async testServer(server: ServerEntry): Promise<void> {
      if (!get().settings.internet) return;
      showTest(server.url, { at: 'testing' });
      const view = await testServer(server, AbortSignal.timeout(serverTestMs)).catch(
        () => ({ at: 'refused', relay: false, tookMs: 0 }) as const,
      );
      showTest(server.url, { at: 'told', view });
    },
  };
}
