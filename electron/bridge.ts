// Hands the page its two ports, and takes in dropped files. Promises: only the main frame of our window, at our own
// address, is answered; one live port per role; a lost engine port parks its transfers.

import { ipcMain, MessageChannelMain, type MessagePortMain, type WebContents, type WebFrameMain } from 'electron';
import type { Host } from '../host/host.ts';
import type { CallName } from '../host/log-event.ts';
import { releaseBytes } from '../host/release-bytes.ts';
import { type EngineEvents, engineCalls, type UiEvents, uiCalls } from '../shared/ipc/contract.ts';
import { openEnding } from '../shared/ipc/ending.ts';
import { type RpcPort, type RpcServer, serveRpc } from '../shared/ipc/rpc.ts';
import type { HostItem } from '../shared/ipc/views.ts';
import type { FaultCode } from '../shared/model/fault.ts';
import { readDroppedPaths } from './dropped-paths.ts';
import { isPageUrl } from './origin.ts';

export type BridgeOptions = {
  readonly host: Host;
  readonly home: string;
  /** The window there is now; a crash recovery may change its frame. */
  readonly contents: () => WebContents | undefined;
};

type Sender = { readonly sender: WebContents; readonly senderFrame: WebFrameMain | null };

export function openBridge({ host, home, contents }: BridgeOptions): { close(): void } {
  let ui: RpcServer<UiEvents> | undefined;
  let engine: RpcServer<EngineEvents> | undefined;
  const onFault = (call: CallName | undefined, code: FaultCode) =>
    host.note({ is: 'bridge-fault', call: call ?? null, code });
  const offEvents = host.onUiEvent((name, payload) => ui?.emit(name, payload));
  const offEngineEvents = host.onEngineEvent((name, payload) => engine?.emit(name, payload));

  const isOurs = ({ sender, senderFrame }: Sender): boolean => {
    const isPage =
      senderFrame !== null &&
      sender === contents() &&
      senderFrame === sender.mainFrame &&
      isPageUrl(senderFrame.url, home);
    if (!isPage) host.note({ is: 'sender-refused' });
    return isPage;
  };

  ipcMain.on('tincan:connect', (event, role: unknown) => {
    if (!isOurs(event) || (role !== 'ui' && role !== 'engine')) return;
    const { port1, port2 } = new MessageChannelMain();
    if (role === 'ui') {
      ui?.close();
      ui = serveRpc<typeof uiCalls, UiEvents>(adaptPort(port1), {
        calls: uiCalls,
        handlers: host.ui,
        onFault,
      });
    } else {
      engine?.close();
      engine = serveRpc<typeof engineCalls, EngineEvents>(adaptPort(port1), {
        calls: engineCalls,
        handlers: host.engine,
        onFault,
      });
      // Lost or replaced, each engine ends once; its transfers are parked before the next one asks for them.
      engine.onClose(() => void host.engineGone());
    }
    event.sender.postMessage('tincan:port', role, [port2]);
  });

  ipcMain.handle('tincan:stage', async (event, paths: unknown): Promise<readonly HostItem[]> => {
    if (!isOurs(event)) throw new Error('untrusted sender');
    return host.stagePaths(readDroppedPaths(paths));
  });

  return {
    close() {
      ipcMain.removeAllListeners('tincan:connect');
      ipcMain.removeHandler('tincan:stage');
      offEvents();
      offEngineEvents();
      ui?.close();
      engine?.close();
    },
  };
}

/** Electron's port as the port calls travel over. Buffers are copied across processes, so what is given away is free at once. */
export function adaptPort(port: MessagePortMain): RpcPort {
  const { isOver, end, onEnd } = openEnding(() => port.close());
  port.on('close', end);
  return {
    post: (message, transfer = []) => {
      if (!isOver()) port.postMessage(message);
      for (const buffer of transfer) releaseBytes(new Uint8Array(buffer));
    },
    onMessage(listener) {
      const take = (event: { readonly data: unknown }) => {
        if (!isOver()) listener(event.data);
      };
      port.on('message', take);
      port.start();
      return () => port.off('message', take);
    },
    onClose: onEnd,
    close: end,
  };
}
