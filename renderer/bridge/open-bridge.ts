// Opens the way to the host: Electron's ports where the preload offers them, else sockets of the local door. The page holds
// its own and the engine's Worker another; where a test driver listens, a relay holds both.
// Throws a Fault: `bridge-busy` when another page holds the host, `bridge-refused` when the address carries no token,
// `bridge-closed` when there is no host to reach.

import type { BridgeRole } from '../../shared/ipc/bridge-protocol.ts';
import type { UiCalls, UiEvents } from '../../shared/ipc/contract.ts';
import type { HostNews } from '../../shared/ipc/host-news.ts';
import { openRpcClient, type RpcClient, type RpcPort } from '../../shared/ipc/rpc.ts';
import type { HostItem } from '../../shared/ipc/views.ts';
import { Fault } from '../../shared/model/fault.ts';
import { trustedScript } from '../trusted-script.ts';
import type { EngineWay } from './engine-way.ts';
import { onHostNews } from './host-news.ts';
import { openHostSocket, portFromSocket, type SocketOrder } from './host-socket.ts';
import { portFromMessagePort } from './message-port.ts';
import { readPageKeys } from './page-keys.ts';
import type { RelayOrder, RelayOutcome } from './relay-messages.ts';
import relayUrl from './relay-worker.ts?worker&url';

export type Bridge = {
  readonly kind: 'electron' | 'browser';
  readonly ui: RpcClient<UiCalls, UiEvents>;
  readonly engine: EngineWay;
  /** Electron only. */
  readonly stageDropped?: (files: readonly File[]) => Promise<readonly HostItem[]>;
  /** Electron only. */
  readonly onHostNews?: (listener: (news: HostNews) => void) => () => void;
};

declare global {
  interface Window {
    /** What electron/preload.ts exposes. */
    readonly tincan?: {
      connect(role: BridgeRole): void;
      stageDropped(files: readonly File[]): Promise<readonly HostItem[]>;
    };
  }
}

export async function openBridge(): Promise<Bridge> {
  const electron = window.tincan;
  if (electron === undefined) return openBrowserBridge();
  const [ui, engine] = await Promise.all(
    (['ui', 'engine'] as const).map((role) => {
      const port = awaitPort(role);
      electron.connect(role);
      return port;
    }),
  );
  const port = portFromMessagePort(ui!, 'process');
  onHostNews((news) => {
    if (news === 'died') port.close();
  });
  return {
    kind: 'electron',
    ui: openRpcClient(port),
    engine: { is: 'port', port: engine!, to: 'process' },
    stageDropped: (files) => electron.stageDropped(files),
    onHostNews,
  };
}

function awaitPort(role: BridgeRole): Promise<MessagePort> {
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
  const keys = await readPageKeys();
  if (keys === undefined) throw new Fault('bridge-refused', 'this address carries no token');
  const order = { ...keys, origin: `ws://${location.host}` };
  const { ui, engine } = navigator.webdriver ? await openRelayed(order) : await openDirect(order);
  return { kind: 'browser', ui: openRpcClient(ui), engine };
}

type Ways = { readonly ui: RpcPort; readonly engine: EngineWay };

async function openDirect(order: SocketOrder): Promise<Ways> {
  const ui = await openHostSocket(order, 'ui');
  if (typeof ui === 'string') throw whyNot(ui);
  return { ui: portFromSocket(ui), engine: { is: 'socket', order } };
}

/**
 * A test driver hears every byte of the sockets of a page and of its own Workers, which makes them several times slower. It
 * does not hear a SharedWorker's. Each byte crosses a thread more this way, so it is for driven pages only.
 */
async function openRelayed(order: SocketOrder): Promise<Ways> {
  const ui = new MessageChannel();
  const engine = new MessageChannel();
  const outcome = await relay({ ...order, ui: ui.port2, engine: engine.port2 });
  if (outcome !== 'open') throw whyNot(outcome);
  return { ui: portFromMessagePort(ui.port1), engine: { is: 'port', port: engine.port1, to: 'thread' } };
}

function whyNot(outcome: 'busy' | 'gone'): Fault {
  return outcome === 'busy'
    ? new Fault('bridge-busy', 'another page holds the host')
    : new Fault('bridge-closed', 'the host cannot be reached');
}

function relay(order: RelayOrder): Promise<RelayOutcome> {
  const worker = new SharedWorker(trustedScript(relayUrl), { type: 'module', name: crypto.randomUUID() });
  return new Promise((resolve) => {
    worker.port.onmessage = ({ data }: MessageEvent<RelayOutcome>) => resolve(data);
    worker.onerror = () => resolve('gone');
    worker.port.postMessage(order, [order.ui, order.engine]);
  });
}
