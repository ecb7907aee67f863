// Quitting waits for the journals of the host, and not for ever.

import { expect, it, vi } from 'vitest';
import { superviseHost } from '../../../electron/host-supervisor.ts';
import { hostCalls, type ProcessMessage } from '../../../electron/process-calls.ts';
import { openProcessPort } from '../../../electron/process-port.ts';
import { serveRpc } from '../../../shared/ipc/rpc.ts';
import * as fake from './electron-fake.ts';

vi.mock('electron/main', () => import('./electron-fake.ts'));

const never = new Promise<never>(() => undefined);

/** A host process that opens and closes as told. */
function superviseOne({
  open = () => ({ language: 'system' as const }),
  close,
}: {
  readonly open?: () => { language: 'system' } | Promise<{ language: 'system' }>;
  readonly close: () => void | Promise<void>;
}) {
  fake.onFork.run = (child) => {
    const end = {
      post: (message: ProcessMessage) => queueMicrotask(() => child.emit('message', structuredClone(message))),
      onMessage(listener: (message: ProcessMessage) => void) {
        child.toHost.on('message', listener);
        return () => child.toHost.off('message', listener);
      },
      onEnd: () => () => undefined,
    };
    serveRpc(openProcessPort(end, 'host'), {
      calls: hostCalls,
      handlers: {
        open,
        close,
        stagePaths: () => [],
        offerCodeLink: () => undefined,
        received: () => null,
        screenLocked: () => undefined,
        woke: () => undefined,
        note: () => undefined,
      },
    });
  };
  const opened = Promise.withResolvers<void>();
  const nothing = () => undefined;
  const host = superviseHost({
    entry: 'host-process.mjs',
    open: { dataDir: '/data', version: '0.0.0' },
    services: {} as never,
    onLanguage: nothing,
    onFolderBusy: nothing,
    onOpened: opened.resolve,
    onDied: nothing,
    onGivenUp: nothing,
  });
  return { host, opened: opened.promise, child: fake.hosts.at(-1)! };
}

it('a host that does not answer is ended after five seconds', async () => {
  let asked = 0;
  const { host, opened, child } = superviseOne({
    close: () => {
      asked += 1;
      return never;
    },
  });
  await opened;
  const before = performance.now();
  await host.close();
  expect(asked).toBe(1);
  expect(child.kill).toHaveBeenCalledOnce();
  expect(performance.now() - before).toBeGreaterThan(4_900);
  expect(performance.now() - before).toBeLessThan(10_000);
});

it('a host that is still opening is asked to close before it is ended', async () => {
  const closing = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();
  const { host, child } = superviseOne({
    open: () => never,
    close: () => {
      closing.resolve();
      return closed.promise;
    },
  });
  const quit = host.close();
  await closing.promise;
  expect(child.kill).not.toHaveBeenCalled();
  closed.resolve();
  await quit;
  expect(child.kill).toHaveBeenCalledOnce();
});
