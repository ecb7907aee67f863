// Opens the way to the host: Electron's ports where the preload offers them, else the local door by way of a relay Worker.
// Throws a Fault: `bridge-busy` when another page holds the host, `bridge-refused` when the address
// carries no token, `bridge-closed` when there is no host to reach.

import type { UiCalls, UiEvents } from '../../shared/ipc/contract.ts';
import { openRpcClient, type RpcClient } from '../../shared/ipc/rpc.ts';
import type { HostItem } from '../../shared/ipc/views.ts';
import { Fault } from '../../shared/model/fault.ts';
import { ownScript } from '../own-script.ts';
import { portFromMessagePort } from './message-port.ts';
import { readPageKeys } from './page-keys.ts';
import type { RelayOrder, RelayOutcome } from './relay-messages.ts';
import relayUrl from './relay-worker.ts?worker&url';

export type Bridge = {
  readonly kind: 'electron' | 'browser';
  readonly ui: RpcClient<UiCalls, UiEvents>;
  /** Leads to the engine role; nothing has listened on it yet. */
  readonly enginePort: MessagePort;
  /** Electron only. */
  readonly stageDropped?: (files: readonly File[]) => Promise<readonly HostItem[]>;
};

type Role = 'ui' | 'engine';

declare global {
  interface Window {
    /** What electron/preload.ts exposes. */
    readonly tincan?: {
      connect(role: Role): void;
      stageDropped(files: readonly File[]): Promise<readonly HostItem[]>;
    };
  }
}

export async function openBridge(): Promise<Bridge> {
  const electron = window.tincan;
  if (electron === undefined) return openBrowserBridge();
  const [ui, enginePort] = await Promise.all(
    (['ui', 'engine'] as const).map((role) => {
      const port = awaitPort(role);
      electron.connect(role);
      return port;
    }),
  );
  return {
    kind: 'electron',
    ui: openRpcClient(portFromMessagePort(ui!)),
    enginePort: enginePort!,
    stageDropped: (files) => electron.stageDropped(files),
  };
}

function awaitPort(role: Role): Promise<MessagePort> {
  return new Promise((resolve) => {
    const take = ({ source, data, ports }: MessageEvent<{ readonly tincanPort?: unknown } | undefined>) => {
      if (source !== window || data?.tincanPort !== role || ports[0] === undefined) return;
      window.removeEventListener('message', take);
      resolve(ports[0]);
    };
    window.addEventListener('message', take);
  });
}

async function openBrowserBridge(): Promise<Bridge> {
  const keys = readPageKeys();
  if (keys === undefined) throw new Fault('bridge-refused', 'this address carries no token');
  const ui = new MessageChannel();
  const engine = new MessageChannel();
  const outcome = await relay({
    ...keys,
    origin: `ws://${location.host}`,
    ui: ui.port2,
    engine: engine.port2,
  });
  if (outcome === 'busy') throw new Fault('bridge-busy', 'another page holds the host');
  if (outcome === 'gone') throw new Fault('bridge-closed', 'the host cannot be reached');
  return {
    kind: 'browser',
    ui: openRpcClient(portFromMessagePort(ui.port1)),
    enginePort: engine.port1,
  };
}

/** A SharedWorker where there is one: DevTools and test drivers slow down the sockets of a page and of its own Workers. */
function relay(order: RelayOrder): Promise<RelayOutcome> {
  const address = ownScript(relayUrl);
  const worker =
    'SharedWorker' in window
      ? new SharedWorker(address, { type: 'module', name: crypto.randomUUID() })
      : new Worker(address, { type: 'module' });
  const port = worker instanceof Worker ? worker : worker.port;
  return new Promise((resolve) => {
    port.onmessage = ({ data }: MessageEvent<RelayOutcome>) => resolve(data);
    worker.onerror = () => resolve('gone');
    port.postMessage(order, [order.ui, order.engine]);
  });
}
