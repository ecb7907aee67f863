// The host process serves one engine at a time, whatever the page asks for at the same moment.

import { expect, it } from 'vitest';
import { openPageServer } from '../../../electron/page-server.ts';
import { closeOnce } from '../../../shared/ipc/close-once.ts';
import type { RpcPort } from '../../../shared/ipc/rpc.ts';
import { openBridgeHost } from '../../contract/bridge-host.ts';

function openPort(): RpcPort & { isServed: boolean; isOver(): boolean } {
  const { isOver, end, onEnd } = closeOnce(() => undefined);
  const port = {
    isServed: false,
    isOver,
    post: () => undefined,
    onMessage() {
      port.isServed = true;
      return () => undefined;
    },
    onClose: onEnd,
    close: end,
  };
  return port;
}

it('serves the last one of several engines that come at once, and hangs up on the others', async () => {
  const host = openBridgeHost();
  const server = openPageServer(host);
  const ports = [openPort(), openPort(), openPort()];
  await Promise.all(ports.map((port) => server.serve('engine', port)));
  expect(ports.map(({ isServed }) => isServed)).toEqual([false, false, true]);
  expect(ports.map((port) => port.isOver())).toEqual([true, true, false]);
  await server.close();
  expect([ports[2]!.isOver(), host.enginesGone()]).toEqual([true, 1]);
});

it('serves none that comes while it closes', async () => {
  const server = openPageServer(openBridgeHost());
  const port = openPort();
  const serving = server.serve('engine', port);
  await server.close();
  await serving;
  expect([port.isServed, port.isOver()]).toEqual([false, true]);
});
