// The one page that holds this host: its two sockets, and who may take its place. Promises: one page at a time; a lost or
// replaced engine ends once, and its transfers are parked before the next one is served.

import type { WebSocket } from 'ws';
import type { Host } from '../host/host.ts';
import type { CallName } from '../host/log-event.ts';
import { type EngineEvents, engineCalls, type UiEvents, uiCalls } from '../shared/ipc/contract.ts';
import { doorBusy, doorReady, doorReplaced } from '../shared/ipc/door.ts';
import { type RpcServer, serveRpc } from '../shared/ipc/rpc.ts';
import type { FaultCode } from '../shared/model/fault.ts';
import { type DoorSocket, openSocketPort } from './socket-port.ts';

type Sitting = {
  readonly page: string;
  readonly socket: WebSocket;
  readonly ui: RpcServer<UiEvents>;
  engine: { readonly socket: WebSocket; readonly server: RpcServer<EngineEvents> } | undefined;
};

export interface PageSeat {
  admitUi(from: DoorSocket, page: string, take: boolean): void;
  admitEngine(from: DoorSocket, page: string): Promise<void>;
  /** Ends once everything the last engine had is parked. */
  close(): Promise<void>;
}

export function openPageSeat(host: Host): PageSeat {
  let sitting: Sitting | undefined;
  let parked: Promise<void> = Promise.resolve();
  const onFault = (call: CallName | undefined, code: FaultCode) =>
    host.note({ is: 'bridge-fault', call: call ?? null, code });
  const offEvents = host.onUiEvent((name, payload) => sitting?.ui.emit(name, payload));
  const offEngineEvents = host.onEngineEvent((name, payload) => sitting?.engine?.server.emit(name, payload));

  function admitUi(from: DoorSocket, page: string, take: boolean): void {
    const { socket } = from;
    if (sitting !== undefined && sitting.page !== page && !take) {
      socket.close(doorBusy);
      return;
    }
    if (sitting !== undefined) {
      sitting.ui.emit('replaced', null);
      leave(sitting);
    }
    socket.send(doorReady);
    const ui = serveRpc<typeof uiCalls, UiEvents>(openSocketPort(from), {
      calls: uiCalls,
      handlers: host.ui,
      onFault,
    });
    const mine: Sitting = { page, socket, ui, engine: undefined };
    sitting = mine;
    ui.onClose(() => leave(mine));
  }

  async function admitEngine(from: DoorSocket, page: string): Promise<void> {
    const { socket } = from;
    const mine = sitting;
    if (mine?.page !== page) {
      socket.close(doorBusy);
      return;
    }
    endEngine(mine);
    await parked;
    if (sitting !== mine || mine.engine !== undefined || socket.readyState !== socket.OPEN) {
      socket.close(doorReplaced);
      return;
    }
    socket.send(doorReady);
    const server = serveRpc<typeof engineCalls, EngineEvents>(openSocketPort(from), {
      calls: engineCalls,
      handlers: host.engine,
      onFault,
    });
    mine.engine = { socket, server };
    server.onClose(() => {
      if (mine.engine?.server === server) mine.engine = undefined;
      parked = parked.then(() => host.engineGone()).catch(report);
    });
  }

  function leave(leaving: Sitting): void {
    if (sitting === leaving) sitting = undefined;
    endEngine(leaving);
    leaving.socket.close(doorReplaced);
    leaving.ui.close();
  }

  function endEngine(of: Sitting): void {
    of.engine?.socket.close(doorReplaced);
    of.engine?.server.close();
  }

  return {
    admitUi,
    admitEngine,
    async close() {
      offEvents();
      offEngineEvents();
      if (sitting !== undefined) leave(sitting);
      await parked;
    },
  };
}

function report(error: unknown): void {
  console.error('transfers could not be parked:', error instanceof Error ? error.name : 'unknown');
}
