// The only thing the page sees of Electron: a way to its two ports, to put dropped files down and to drag received ones out. Sandboxed and
// isolated; a path never reaches the page, and nothing else is passed through.

import { contextBridge, ipcRenderer, webUtils } from 'electron/renderer';
import type { HostNews } from '../shared/ipc/host-news.ts';
import type { DropAnswer } from '../shared/ipc/views.ts';

contextBridge.exposeInMainWorld('tincan', {
  connect(): void {
    ipcRenderer.send('tincan:connect');
  },
  stageDropped(files: readonly File[]): Promise<DropAnswer> {
    const paths = Array.from(files, (file) => webUtils.getPathForFile(file)).filter((path) => path !== '');
    return ipcRenderer.invoke('tincan:stage', paths);
  },
  /** Must be called while a drag begins. */
  dragOut(transfer: unknown): void {
    ipcRenderer.send('tincan:drag', transfer);
  },
});

// Ports cannot cross the bridge between the two worlds; a message to the same window carries them.
ipcRenderer.on('tincan:ports', (event) => {
  window.postMessage({ tincanPorts: true }, location.origin, event.ports);
});

ipcRenderer.on('tincan:host', (_event, news: HostNews) => {
  window.postMessage({ tincanHost: news }, location.origin);
});
