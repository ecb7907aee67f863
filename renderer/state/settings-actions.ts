// Settings, what is kept of earlier days, and diagnostics.

import type { LinkOptions } from '../../link/link.ts';
import type { Settings } from '../../shared/ipc/settings.ts';
import { toFaultView } from '../../shared/model/fault.ts';
import { askedServers } from '../../shared/model/server-entry.ts';
import type { TransferId } from '../../shared/model/transfer.ts';
import { type AppState, type DiagnosticsRow, peerOf, type StoreAccess } from './app-state.ts';
import { networkRows, routerRows } from './network-rows.ts';
import { type NewNote, notesToKeep } from './notes.ts';
import type { Ports } from './ports.ts';

export function linkOptions(settings: Settings): LinkOptions {
  return {
    deviceName: settings.deviceName,
    servers: askedServers(settings),
    askRouter: settings.internet && settings.askRouter,
  };
}

/** Whatever decides who is asked about the network. */
const askedBy = ({ askRouter, askStun, internet, servers }: Settings): string =>
  JSON.stringify([askRouter, askStun, internet, servers]);

/** Of answers that come in any order, only that to the last question counts. */
function newestAnswer<T>(): (ask: () => Promise<T | undefined>) => Promise<T | undefined> {
  let last: object | undefined;
  return async (ask) => {
    const own = {};
    last = own;
    const answer = await ask();
    return last === own ? answer : undefined;
  };
}

type Needs = Pick<Ports, 'engine' | 'host' | 'link'> & { readonly forgetNetwork: () => void };

export function settingsActions({ get, set, toast }: StoreAccess, { engine, forgetNetwork, host, link }: Needs) {
  function apply(settings: Settings): void {
    const before = get().settings;
    set(() => ({ settings }));
    const [linkedBy, linksBy] = [linkOptions(before), linkOptions(settings)];
    if (JSON.stringify(linkedBy) !== JSON.stringify(linksBy)) link.configure(linksBy);
    if (askedBy(before) !== askedBy(settings)) forgetNetwork();
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

  const newestUnfinished = newestAnswer<AppState['unfinished']>();
  const newestHistory = newestAnswer<AppState['history']>();
  const newestDiagnostics = newestAnswer<AppState['diagnostics']>();

  /** What the host is at work on already is not asked for once more: it would refuse. */
  async function atWork<T>(transfer: TransferId, work: () => Promise<T>): Promise<T | undefined> {
    if (get().atWork.has(transfer)) return undefined;
    set(({ atWork }) => ({ atWork: new Set([...atWork, transfer]) }));
    const answer = await tried(work);
    set(({ atWork }) => ({ atWork: new Set([...atWork].filter((id) => id !== transfer)) }));
    return answer;
  }

  return {
    applySettings: apply,
    /** Answers whether it was kept. */
    async saveSettings(change: Partial<Omit<Settings, 'downloadDir'>>): Promise<boolean> {
      const settings = await tried(() => host.call('settings.write', change));
      if (settings !== undefined) apply(settings);
      return settings !== undefined;
    },
    async pickDownloadDir(): Promise<void> {
      const settings = await tried(() => host.call('settings.pickDownloadDir', {}));
      if (settings !== undefined) apply(settings);
    },
    async loadUnfinished(): Promise<void> {
      const unfinished = await newestUnfinished(() => tried(() => host.call('unfinished.list', {})));
      if (unfinished !== undefined) set(() => ({ unfinished }));
    },
    async publishUnfinished(transfer: TransferId): Promise<void> {
      await atWork(transfer, () => host.call('unfinished.publish', { transfer }));
    },
    /** Into another folder that the person chooses. The sender goes on with it from the beginning. */
    async moveUnfinished(transfer: TransferId): Promise<void> {
      const answer = await atWork(transfer, () => host.call('unfinished.move', { transfer }));
      if (answer?.isMoved === true) engine.command({ do: 'retry', transfer });
    },
    async loadHistory(): Promise<void> {
      const history = await newestHistory(() => tried(() => host.call('history.list', {})));
      if (history !== undefined) set(() => ({ history }));
    },
    /** Where the person wants them kept. */
    keepNotes(notes: readonly NewNote[]): void {
      const { session, settings } = get();
      if (!settings.history || !settings.keepNotes) return;
      const kept = notesToKeep(notes);
      void tried(() => host.call('history.addNotes', { peerName: peerOf(session)?.name ?? '', notes: kept }));
    },
    async loadDiagnostics(withAddresses: boolean): Promise<void> {
      // Addresses of the report before may be in it.
      set(() => ({ diagnostics: [] }));
      const { facts, network, router } = get();
      const own: DiagnosticsRow[] = [
        { name: 'tincan', value: facts.version },
        { name: 'shell', value: facts.shell },
        { name: 'platform', value: facts.platform },
        { name: 'page', value: navigator.userAgent },
      ];
      const diagnostics = await newestDiagnostics(async () => [
        ...own,
        ...((await tried(() => host.call('diagnostics.host', {}))) ?? []),
        ...((await tried(() => link.report(withAddresses))) ?? []),
        ...routerRows(router, withAddresses),
        ...networkRows(network, withAddresses),
      ]);
      if (diagnostics !== undefined) set(() => ({ diagnostics }));
    },
  };
}
