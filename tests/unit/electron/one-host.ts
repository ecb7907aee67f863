// A host process that opens, serves and closes as a test tells it, below the real supervisor. The test mocks `electron/main`.

import { type GivenUp, superviseHost } from '../../../electron/host-supervisor.ts';
import { type HostCalls, hostCalls, type ProcessMessage } from '../../../electron/process-calls.ts';
import { openProcessPort } from '../../../electron/process-port.ts';
import type { Handlers } from '../../../shared/ipc/calls.ts';
import { serveRpc } from '../../../shared/ipc/rpc.ts';
import * as fake from './electron-fake.ts';

export function superviseOne(told: Partial<Pick<Handlers<HostCalls>, 'open' | 'close'>>) {
  /** What pages were handed: a role, and the name of a port. */
  const served: unknown[] = [];
  fake.onFork.run = (child) => {
    const end = {
      post: (message: ProcessMessage) => queueMicrotask(() => child.emit('message', structuredClone(message))),
      onMessage(listener: (message: ProcessMessage) => void) {
        child.toHost.on('message', listener);
        return () => child.toHost.off('message', listener);
      },
      onEnd: () => () => undefined,
    };
    child.toHost.on('message', (message: ProcessMessage, [port]: readonly unknown[]) => {
      if (message.to === 'page') served.push([message.role, (port as { readonly name: string }).name]);
    });
    serveRpc(openProcessPort(end, 'host'), {
      calls: hostCalls,
      handlers: {
        open: () => ({ language: 'system' as const }),
        close: () => undefined,
        stagePaths: () => [],
        expectOpened: () => undefined,
        stageOpened: () => undefined,
        pick: () => undefined,
        offerCodeLink: () => undefined,
        received: () => null,
        screenLocked: () => undefined,
        woke: () => undefined,
        note: () => undefined,
        ...told,
      },
    });
  };
  const opened = Promise.withResolvers<void>();
  const nothing = () => undefined;
  const givenUp: GivenUp[] = [];
  const host = superviseHost({
    entry: 'host-process.mjs',
    open: { dataDir: '/data', version: '0.0.0' },
    services: {} as never,
    onLanguage: nothing,
    onFolderBusy: nothing,
    onOpened: opened.resolve,
    onDied: nothing,
    onGivenUp: (why) => givenUp.push(why),
  });
  return { host, served, givenUp, opened: opened.promise, child: fake.hosts.at(-1)! };
}
