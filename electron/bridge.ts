// Hands the page its two ports, takes in dropped files, and drags received ones out. Promises: only the main frame of our window, at our own address,
// is answered, and at a pace. The other end of each port belongs to the host process: nothing that passes over it comes here.

import { nativeImage } from 'electron/common';
import { ipcMain, MessageChannelMain, type WebContents, type WebFrameMain } from 'electron/main';
import type { DropAnswer } from '../shared/ipc/views.ts';
import { toFaultView } from '../shared/model/fault.ts';
import { pageConnectsBurst, pageConnectsPerSecond } from '../shared/wire/limits.ts';
import { TokenBucket } from '../shared/wire/token-bucket.ts';
import { readDroppedPaths } from './dropped-paths.ts';
import type { HostNewsTeller } from './host-news.ts';
import type { HostSupervisor } from './host-supervisor.ts';
import { isPageUrl } from './origin.ts';
import { pageRoles } from './process-calls.ts';

export type BridgeOptions = {
  readonly host: Pick<HostSupervisor, 'serve' | 'call' | 'note'>;
  readonly news: Pick<HostNewsTeller, 'connected'>;
  readonly home: string;
  /** What hangs on the pointer while a file is dragged out. Electron wants a picture that is not empty. */
  readonly icon: string;
  /** The window there is now; a crash recovery may change its frame. */
  readonly contents: () => WebContents | undefined;
};

type Sender = { readonly sender: WebContents; readonly senderFrame: WebFrameMain | null };

export function openBridge({ host, news, home, icon, contents }: BridgeOptions): { close(): void } {
  const isOurs = ({ sender, senderFrame }: Sender): boolean => {
    const isPage =
      senderFrame !== null &&
      sender === contents() &&
      senderFrame === sender.mainFrame &&
      isPageUrl(senderFrame.url, home);
    if (!isPage) host.note({ is: 'sender-refused' });
    return isPage;
  };

  const pace = new TokenBucket(pageConnectsPerSecond, pageConnectsBurst, performance.now());
  let later: ReturnType<typeof setTimeout> | undefined;

  // Both in one: a host that died between the two would leave the page with a port of nobody, and count as one that it has not lost.
  function connect(page: WebContents): void {
    news.connected();
    const ports = pageRoles.map((role) => {
      const { port1, port2 } = new MessageChannelMain();
      host.serve(role, port1);
      return port2;
    });
    page.postMessage('tincan:ports', null, ports);
  }

  /** Whichever page is there by then, once, however many asked: the newest of them is the one that waits. */
  function connectLater(): void {
    later ??= setTimeout(() => {
      later = undefined;
      if (!pace.take(performance.now())) return connectLater();
      const page = contents();
      try {
        if (page !== undefined && isPageUrl(page.mainFrame.url, home)) connect(page);
      } catch {
        // Its frame is gone: the page that comes next asks for itself.
      }
    }, 1_000 / pageConnectsPerSecond);
  }

  ipcMain.on('tincan:connect', (event) => {
    if (!isOurs(event)) return;
    if (later === undefined && pace.take(performance.now())) connect(event.sender);
    else connectLater();
  });

  ipcMain.handle('tincan:stage', async (event, paths: unknown): Promise<DropAnswer> => {
    if (!isOurs(event)) throw new Error('untrusted sender');
    const dropped = [...readDroppedPaths(paths)];
    return host.call('stagePaths', { paths: dropped }).catch(toFaultView);
  });

  // By the id of a transfer: the page names no path, and only what was received can be dragged.
  ipcMain.on('tincan:drag', (event, transfer: unknown) => {
    if (!isOurs(event) || typeof transfer !== 'string' || !/^[0-9a-f]{32}$/.test(transfer)) return;
    void host
      .call('received', { transfer })
      .then((file) => {
        if (file !== null) event.sender.startDrag({ file, icon: nativeImage.createFromPath(icon) });
      })
      .catch(() => undefined);
  });

  return {
    close() {
      clearTimeout(later);
      ipcMain.removeAllListeners('tincan:connect');
      ipcMain.removeAllListeners('tincan:drag');
      ipcMain.removeHandler('tincan:stage');
    },
  };
}
