// What `require('electron')` is for a preload in the stand-in. Its text, without types, goes in front of the built preload
// and both run before the page's own scripts. It has no imports at run time for that reason.

import type { FromMain, FromPage } from './wire-messages.ts';

export type GlueOptions = { readonly window: number; readonly origin: string };

type PolicyFactory = {
  createPolicy(
    name: string,
    rules: { createScriptURL(address: string): string },
  ): { createScriptURL(address: string): URL };
};

type PortEvent = { readonly ports: readonly MessagePort[] };

export function standInElectron(options: GlueOptions) {
  // A real preload lives in a world of its own, which the page's policy does not reach; this one needs leave (wire.ts).
  const { trustedTypes } = globalThis as unknown as { readonly trustedTypes: PolicyFactory };
  const policy = trustedTypes.createPolicy('standin', { createScriptURL: (address) => address });
  const worker = new SharedWorker(policy.createScriptURL('/__standin/wire-worker.js'), {
    type: 'module',
    name: crypto.randomUUID(),
  });
  const listeners = new Map<string, Set<(event: PortEvent, message: unknown) => void>>();
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let nextId = 1;
  const tell = (message: FromPage): void => worker.port.postMessage(message);

  worker.port.onmessage = ({ data, ports }: MessageEvent<FromMain>) => {
    if (data.is === 'event') {
      for (const listener of listeners.get(data.channel) ?? []) listener({ ports }, data.message);
    } else if (data.is === 'result' || data.is === 'error') {
      const call = waiting.get(data.id);
      waiting.delete(data.id);
      if (data.is === 'result') call?.resolve(data.value);
      else call?.reject(new Error(data.message));
    }
  };
  tell({ is: 'hello', window: options.window, url: location.href });

  const ask = <T>(make: (id: number) => FromPage): Promise<T> =>
    new Promise((resolve, reject) => {
      const id = nextId++;
      waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      tell(make(id));
    });

  // Chromium asks nobody here: the handlers of main are put in front of the one call that would have asked them.
  const { mediaDevices } = navigator;
  const getUserMedia = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = async (constraints: MediaStreamConstraints = {}) => {
    const mediaTypes = (['audio', 'video'] as const).filter((type) => Boolean(constraints[type]));
    const isGranted = await ask<boolean>((id) => ({ is: 'media', id, mediaTypes }));
    if (!isGranted) throw new DOMException('Permission denied', 'NotAllowedError');
    return getUserMedia(constraints);
  };

  // Dropped files have paths only because a test says so.
  const paths = new Map<string, string>();
  Object.defineProperty(window, 'standInPaths', { value: paths });

  return {
    contextBridge: {
      exposeInMainWorld(name: string, api: Readonly<Record<string, unknown>>): void {
        Object.defineProperty(window, name, { value: Object.freeze({ ...api }), enumerable: true });
      },
    },
    ipcRenderer: {
      send: (channel: string, ...args: unknown[]) => tell({ is: 'send', channel, args }),
      invoke: (channel: string, ...args: unknown[]) => ask<unknown>((id) => ({ is: 'invoke', id, channel, args })),
      on(channel: string, listener: (event: PortEvent, message: unknown) => void): void {
        const set = listeners.get(channel) ?? new Set();
        listeners.set(channel, set.add(listener));
      },
    },
    webUtils: { getPathForFile: (file: File) => paths.get(file.name) ?? '' },
  };
}
