// Settings, what is kept of earlier days, server tests and diagnostics.

import type { ServerEntry, Settings } from '../../shared/ipc/settings.ts';
import { toFaultView } from '../../shared/model/fault.ts';
import type { LinkOptions } from '../link/link.ts';
import type { DiagnosticsRow, ServerTest, StateDesk } from './app-state.ts';
import type { Ports } from './ports.ts';

const serverTestMs = 8_000;

export function linkOptions(settings: Settings): LinkOptions {
  return {
    deviceName: settings.deviceName,
    servers: settings.internet ? settings.servers : [],
    acceptVerified: settings.acceptVerified,
  };
}

export function settingsActions({ get, set, toast }: StateDesk, { engine, host, link, testServer }: Ports) {
  function apply(settings: Settings): void {
    const before = get().settings;
    set(() => ({ settings }));
    if (JSON.stringify(linkOptions(before)) !== JSON.stringify(linkOptions(settings)))
      link.configure(linkOptions(settings));
    if (before.deviceName !== settings.deviceName) engine.command({ do: 'identify', deviceName: settings.deviceName });
  }

  async function tried<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      toast({ is: 'fault', fault: toFaultView(error) });
      return undefined;
    }
  }

  function showTest(url: string, test: ServerTest): void {
    set(({ serverTests }) => ({ serverTests: new Map(serverTests).set(url, test) }));
  }

  return {
    applySettings: apply,
    async saveSettings(change: Partial<Settings>): Promise<void> {
      const settings = await tried(() => host.call('settings.write', change));
      if (settings !== undefined) apply(settings);
    },
    async pickDownloadDir(): Promise<void> {
      const picked = await tried(() => host.call('destination.pick', {}));
      if (picked) await tried(async () => apply((await host.call('app.facts', {})).settings));
    },
    async testServer(server: ServerEntry): Promise<void> {
      showTest(server.url, { at: 'testing' });
      const view = await testServer(server, AbortSignal.timeout(serverTestMs)).catch(
        () => ({ at: 'refused', relay: false, tookMs: 0 }) as const,
      );
      showTest(server.url, { at: 'told', view });
    },
    async loadUnfinished(): Promise<void> {
      const unfinished = await tried(() => host.call('unfinished.list', {}));
      if (unfinished !== undefined) set(() => ({ unfinished }));
    },
    async discardUnfinished(transfer: string): Promise<void> {
      await tried(() => host.call('unfinished.discard', { transfer }));
      set(({ unfinished }) => ({ unfinished: unfinished.filter(({ id }) => id !== transfer) }));
    },
    async loadHistory(): Promise<void> {
      const history = await tried(() => host.call('history.list', {}));
      if (history !== undefined) set(() => ({ history }));
    },
    async clearHistory(): Promise<void> {
      await tried(() => host.call('history.clear', {}));
      set(() => ({ history: [] }));
    },
    async loadDiagnostics(withAddresses: boolean): Promise<void> {
      const { facts } = get();
      const own: DiagnosticsRow[] = [
        { name: 'tincan', value: facts.version },
        { name: 'shell', value: facts.shell },
        { name: 'platform', value: facts.platform },
        { name: 'page', value: navigator.userAgent },
      ];
      const hostRows = await tried(() => host.call('diagnostics.host', {}));
      const linkRows = await tried(() => link.report(withAddresses));
      set(() => ({ diagnostics: [...own, ...(hostRows ?? []), ...(linkRows ?? [])] }));
    },
  };
}
