// What is asked of a host that is not open yet waits for it, within bounds that never cost a page its host.

import { expect, it, vi } from 'vitest';
import { superviseHost } from '../../../electron/host-supervisor.ts';
import { hostCalls, type ProcessMessage } from '../../../electron/process-calls.ts';
import { openProcessPort } from '../../../electron/process-port.ts';
import { serveRpc } from '../../../shared/ipc/rpc.ts';
import * as fake from './electron-fake.ts';

vi.mock('electron/main', () => import('./electron-fake.ts'));

/** A host process that opens when told. */
function superviseOne() {
  const served: unknown[] = [];
  const opening = Promise.withResolvers<{ language: 'system' }>();
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
        open: () => opening.promise,
        close: () => undefined,
        stagePaths: () => [],
        offerCodeLink: () => undefined,
        received: () => null,
        screenLocked: () => undefined,
        woke: () => undefined,
        note: () => undefined,
      },
    });
  };
  const nothing = () => undefined;
  const host = superviseHost({
    entry: 'host-process.mjs',
    open: { dataDir: '/data', version: '0.0.0' },
    services: {} as never,
    onLanguage: nothing,
    onFolderBusy: nothing,
    onOpened: nothing,
    onDied: nothing,
    onGivenUp: nothing,
  });
  return { host, served, open: () => opening.resolve({ language: 'system' }) };
}

const closed: string[] = [];
const port = (name: string) => ({ name, close: () => closed.push(name) }) as never;

it('a page is served by its last ports, whatever else was noted and asked meanwhile', async () => {
  const { host, served, open } = superviseOne();
  host.serve('ui', port('before'));
  host.serve('ui', port('ui'));
  host.serve('engine', port('engine'));
  for (let times = 0; times < 200; times += 1) host.note({ is: 'sender-refused' });
  for (let times = 0; times < 200; times += 1) host.call('woke', {}).catch(() => undefined);
  open();
  await vi.waitFor(() =>
    expect(served).toEqual([
      ['ui', 'ui'],
      ['engine', 'engine'],
    ]),
  );
  expect(closed).toEqual(['before']);
});

it('every call is answered or refused', async () => {
  const { host, open } = superviseOne();
  const calls = Array.from({ length: 200 }, () =>
    host.call('stagePaths', { paths: ['/a'] }).then(
      () => 'answered',
      () => 'refused',
    ),
  );
  open();
  expect(new Set(await Promise.all(calls))).toEqual(new Set(['answered', 'refused']));
}, 5_000);

it('what waits when the app quits is refused', async () => {
  const { host } = superviseOne();
  const call = host.call('woke', {});
  const refused = expect(call).rejects.toMatchObject({ code: 'bridge-busy' });
  void host.close();
  await refused;
});
