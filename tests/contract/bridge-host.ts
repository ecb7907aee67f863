// A host that answers what a bridge test needs and counts what it is told. The local server and the sockets around it are real.

import type { EventListener } from '../../host/event-listeners.ts';
import type { Host, HostPage } from '../../host/host.ts';
import type { UiEvents } from '../../shared/ipc/contract.ts';
import type { AppFacts } from '../../shared/ipc/views.ts';

export type BridgeHost = Host & {
  readonly enginesGone: () => number;
  /** How often each page was said to be gone, the first one first. */
  readonly pagesGone: () => readonly number[];
  emitStaged(): void;
};

export function openBridgeHost(): BridgeHost {
  const listeners = new Set<EventListener<UiEvents>>();
  let gone = 0;
  const pages: number[] = [];
  const facts: AppFacts = {
    version: '0.0.0',
    shell: 'browser',
    platform: 'linux',
    staged: [],
    dialogs: false,
    folderDialog: false,
    router: { at: 'off' } as const,
    settings: {
      deviceName: 'bench',
      downloadDir: '/nowhere',
      acceptVerified: false,
      internet: false,
      askRouter: false,
      askStun: false,
      nearReplies: false,
      nearKnown: false,
      directLane: true,
      servers: [],
      theme: 'system',
      language: 'en',
      keepExecutable: false,
      notifications: false,
      sound: false,
      history: false,
      keepNotes: false,
    },
  };
  const nothing = async () => undefined;
  const lists = async () => [];
  const ui = { 'app.facts': async () => facts, 'unfinished.list': lists, 'history.list': lists };
  const engine = {
    'unfinished.claims': lists,
    'send.read': async ({ block }: { block: number }) => ({ bytes: new Uint8Array(1 << 20).fill(block), faults: [] }),
    'receive.write': async ({ parts }: { parts: Uint8Array[] }) => ({ filesDone: parts[0]?.[0] ?? 0 }),
  };
  return {
    ui: ui as unknown as Host['ui'],
    openPage() {
      const nth = pages.push(0) - 1;
      const gone = async () => {
        pages[nth]! += 1;
      };
      return { ui: ui as unknown as HostPage['ui'], gone };
    },
    engine: engine as unknown as Host['engine'],
    onEngineEvent: () => () => undefined,
    onUiEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stagePaths: async () => [],
    expectOpened: () => undefined,
    stageOpened: async () => undefined,
    pick: () => undefined,
    offerCodeLink: () => undefined,
    received: async () => undefined,
    screenLocked: () => undefined,
    networkChanged: () => undefined,
    note: () => undefined,
    isBusy: () => false,
    engineGone: async () => {
      gone += 1;
    },
    close: async () => void (await nothing()),
    enginesGone: () => gone,
    pagesGone: () => pages,
    emitStaged() {
      for (const listener of listeners) listener('staged', { batch: 1, told: 1, items: [] });
    },
  };
}
