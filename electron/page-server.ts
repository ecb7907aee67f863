// Serves the page in the host process: one live port for each role. Promises: a new port of a role ends the one before it;
// the transfers of an engine that ended are parked before the next engine is served; what a page opened on the network goes with the first
// of its two ports that is lost.

import type { Host, HostPage } from '../host/host.ts';
import type { CallName } from '../host/log-event.ts';
import { type EngineEvents, engineCalls, type UiEvents, uiCalls } from '../shared/ipc/contract.ts';
import { type RpcPort, type RpcServer, serveRpc } from '../shared/ipc/rpc.ts';
import type { FaultCode } from '../shared/model/fault.ts';
import type { PageRole } from './process-calls.ts';

export interface PageServer {
  serve(role: PageRole, port: RpcPort): Promise<void>;
  close(): Promise<void>;
}

export function openPageServer(host: Host): PageServer {
  let ui: RpcServer<UiEvents> | undefined;
  /** A page connects its engine after itself. */
  let page: HostPage | undefined;
  let engine: RpcServer<EngineEvents> | undefined;
  /** The engine's port that came last; none once this is closed. */
  let latest: RpcPort | undefined;
  let parked: Promise<void> = Promise.resolve();
  /** What pages opened on the network. */
  let networksClosed: Promise<void> = Promise.resolve();
  const onFault = (call: CallName | undefined, code: FaultCode) =>
    host.note({ is: 'bridge-fault', call: call ?? null, code });
  const offEvents = host.onUiEvent((name, payload) => ui?.emit(name, payload));
  const offEngineEvents = host.onEngineEvent((name, payload) => engine?.emit(name, payload));

  async function serve(role: PageRole, port: RpcPort): Promise<void> {
    if (role === 'ui') {
      ui?.close();
      serveUi(port);
      return;
    }
    latest = port;
    const of = page;
    const before = engine;
    engine = undefined;
    before?.close();
    await parked;
    if (latest !== port) return port.close();
    const served = serveRpc<typeof engineCalls, EngineEvents>(port, {
      calls: engineCalls,
      handlers: host.engine,
      onFault,
    });
    engine = served;
    served.onClose(() => {
      // Another one in its place is of the same page, or of one that came after it.
      if (engine === served) closeNetwork(of);
      parked = parked.then(() => host.engineGone()).catch(() => undefined);
    });
  }

  function serveUi(port: RpcPort): void {
    const opened = host.openPage();
    page = opened;
    ui = serveRpc<typeof uiCalls, UiEvents>(port, { calls: uiCalls, handlers: opened.ui, onFault });
    ui.onClose(() => closeNetwork(opened));
  }

  function closeNetwork(of: HostPage | undefined): void {
    networksClosed = Promise.all([networksClosed, of?.gone()]).then(
      () => undefined,
      () => undefined,
    );
  }

  return {
    serve,
    async close() {
      offEvents();
      offEngineEvents();
      latest = undefined;
      ui?.close();
      engine?.close();
      await Promise.all([parked, networksClosed]);
    },
  };
}
