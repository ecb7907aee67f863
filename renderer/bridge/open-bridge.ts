// Connects to the host: over Electron's ports where the preload offers them, else over sockets of the local server. The page
// holds one and the engine's Worker the other.
// Throws a Fault: `bridge-busy` when another page holds the host, `bridge-refused` when the address carries no token,
// `bridge-closed` when there is no host to reach.

import type { UiCalls, UiEvents } from '../../shared/ipc/contract.ts';
import type { HostNews } from '../../shared/ipc/host-news.ts';
import { openRpcClient, type RpcClient } from '../../shared/ipc/rpc.ts';
import type { DropAnswer, HostItem } from '../../shared/ipc/views.ts';
import { Fault } from '../../shared/model/fault.ts';
import type { EngineTransport } from './engine-transport.ts';
import { onHostNews } from './host-news.ts';
import { openHostSocket, portFromSocket, type SocketOrder } from './host-socket.ts';
import { portFromMessagePort } from './message-port.ts';
import { readPageKeys } from './page-keys.ts';

export type Bridge = {
  readonly kind: 'electron' | 'browser';
  readonly ui: RpcClient<UiCalls, UiEvents>;
  readonly engine: EngineTransport;
  /** Electron only. */
  readonly stageDropped?: (files: readonly File[]) => Promise<readonly HostItem[]>;
  /** Electron only. */
  readonly dragOut?: (transfer: string) => void;
  /** Electron only. */
  readonly onHostNews?: (listener: (news: HostNews) => void) => () => void;
};

declare global {
  interface Window {
    /** What electron/preload.ts exposes. */
    readonly tincan?: {
      /** Both ports come in one message. */
      connect(): void;
      stageDropped(files: readonly File[]): Promise<DropAnswer>;
      dragOut(transfer: string): void;
    };
  }
}

export async function openBridge(): Promise<Bridge> {
  const electron = window.tincan;
  if (electron === undefined) return openBrowserBridge();
  const ports = awaitPorts();
  electron.connect();
  const { ui, engine } = await ports;
  const port = portFromMessagePort(ui, 'process');
  onHostNews((news) => {
    if (news === 'died') port.close();
  });
  return {
    kind: 'electron',
    ui: openRpcClient(port),
    engine: { is: 'port', port: engine, to: 'process' },
    async stageDropped(files) {
      const answer = await electron.stageDropped(files);
      if ('code' in answer) throw new Fault(answer.code, answer.message);
      return answer;
    },
    dragOut: (transfer) => electron.dragOut(transfer),
    onHostNews,
  };
}

function awaitPorts(): Promise<{ readonly ui: MessagePort; readonly engine: MessagePort }> {
  return new Promise((resolve) => {
    const take = ({ source, data, ports }: MessageEvent<{ readonly tincanPorts?: unknown } | undefined>) => {
      const [ui, engine] = ports;
      if (source !== window || data?.tincanPorts !== true || ui === undefined || engine === undefined) return;
      window.removeEventListener('message', take);
      resolve({ ui, engine });
    };
    window.addEventListener('message', take);
  });
}

async function openBrowserBridge(): Promise<Bridge> {
  const keys = await readPageKeys();
  if (keys === undefined) throw new Fault('bridge-refused', 'this address carries no token');
  const order: SocketOrder = { ...keys, origin: `ws://${location.host}` };
  const socket = await openHostSocket(order, 'ui');
  if (socket === 'busy') throw new Fault('bridge-busy', 'another page holds the host');
  if (socket === 'gone') throw new Fault('bridge-closed', 'the host cannot be reached');
  return { kind: 'browser', ui: openRpcClient(portFromSocket(socket)), engine: { is: 'socket', order } };
}
