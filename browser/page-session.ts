// The one page that uses this host: its two sockets, and who may take over. Promises: one page at a time; a lost or
// replaced engine ends once, and its transfers are parked before the next one is served; what a page opened on the network goes with the
// first of its two sockets that is lost.

import type { WebSocket } from 'ws';
import type { Host, HostPage } from '../host/host.ts';
import type { CallName } from '../host/log-event.ts';
import { bridgeBusy, bridgeReady, bridgeReplaced } from '../shared/ipc/bridge-protocol.ts';
import { type EngineEvents, engineCalls, type UiEvents, uiCalls } from '../shared/ipc/contract.ts';
import { type RpcServer, serveRpc } from '../shared/ipc/rpc.ts';
import type { FaultCode } from '../shared/model/fault.ts';
import { type BridgeSocket, openSocketPort } from './socket-port.ts';

type CurrentPage = {
  readonly page: string;
  readonly socket: WebSocket;
  readonly host: HostPage;
  readonly ui: RpcServer<UiEvents>;
  engine: { readonly socket: WebSocket; readonly server: RpcServer<EngineEvents> } | undefined;
};

export interface PageSession {
  admitUi(from: BridgeSocket, page: string, take: boolean): void;
  admitEngine(from: BridgeSocket, page: string): Promise<void>;
  /** Ends once everything the last engine had is parked, and what its page opened is closed. */
  close(): Promise<void>;
}

export function openPageSession(host: Host): PageSession {
  let current: CurrentPage | undefined;
  let parked: Promise<void> = Promise.resolve();
  /** What pages opened on the network. */
  let networksClosed: Promise<void> = Promise.resolve();
  let closed = false;
  const onFault = (call: CallName | undefined, code: FaultCode) =>
    host.note({ is: 'bridge-fault', call: call ?? null, code });
  const offEvents = host.onUiEvent((name, payload) => current?.ui.emit(name, payload));
  const offEngineEvents = host.onEngineEvent((name, payload) => current?.engine?.server.emit(name, payload));

  function admitUi(from: BridgeSocket, page: string, take: boolean): void {
    const { socket } = from;
    if (closed || (current !== undefined && current.page !== page && !take)) {
      socket.close(bridgeBusy);
      return;
    }
    if (current !== undefined) {
      current.ui.emit('replaced', null);
      end(current);
    }
    socket.send(bridgeReady);
    const hostPage = host.openPage();
    const ui = serveRpc<typeof uiCalls, UiEvents>(openSocketPort(from), {
      calls: uiCalls,
      handlers: hostPage.ui,
      onFault,
    });
    const admitted: CurrentPage = { page, socket, host: hostPage, ui, engine: undefined };
    current = admitted;
    ui.onClose(() => end(admitted));
  }

  async function admitEngine(from: BridgeSocket, page: string): Promise<void> {
    const { socket } = from;
    const of = current;
    if (of?.page !== page) {
      socket.close(bridgeBusy);
      return;
    }
    endEngine(of);
    await parked;
    if (current !== of || of.engine !== undefined || socket.readyState !== socket.OPEN) {
      socket.close(bridgeReplaced);
      return;
    }
    socket.send(bridgeReady);
    const server = serveRpc<typeof engineCalls, EngineEvents>(openSocketPort(from), {
      calls: engineCalls,
      handlers: host.engine,
      onFault,
    });
    of.engine = { socket, server };
    server.onClose(() => {
      // Another one in its place is of the same page, which goes on.
      if (of.engine?.server === server) {
        of.engine = undefined;
        closeNetwork(of);
      }
      parked = parked.then(() => host.engineGone()).catch(report);
    });
  }

  function end(ending: CurrentPage): void {
    if (current === ending) current = undefined;
    closeNetwork(ending);
    endEngine(ending);
    ending.socket.close(bridgeReplaced);
    ending.ui.close();
  }

  function closeNetwork({ host: page }: CurrentPage): void {
    networksClosed = Promise.all([networksClosed, page.gone()]).then(() => undefined, report);
  }

  function endEngine(of: CurrentPage): void {
    const { engine } = of;
    of.engine = undefined;
    engine?.socket.close(bridgeReplaced);
    engine?.server.close();
  }

  return {
    admitUi,
    admitEngine,
    async close() {
      closed = true;
      offEvents();
      offEngineEvents();
      if (current !== undefined) end(current);
      await Promise.all([parked, networksClosed]);
    },
  };
}

function report(error: unknown): void {
  console.error('what a page left could not be put away:', error instanceof Error ? error.name : 'unknown');
}
