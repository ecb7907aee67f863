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

it('closes what a page opened with the first of its two ports, and nothing of the page after it', async () => {
  const host = openBridgeHost();
  const server = openPageServer(host);
  const [first, second] = [
    { ui: openPort(), engine: openPort() },
    { ui: openPort(), engine: openPort() },
  ];
  await server.serve('ui', first.ui);
  await server.serve('engine', first.engine);
  first.engine.close();
  expect(host.pagesGone()).toEqual([1]);
  await server.serve('ui', second.ui);
  const told = host.pagesGone()[0];
  await server.serve('engine', second.engine);
  expect(host.pagesGone()).toEqual([told, 0]);
  second.ui.close();
  expect(host.pagesGone()).toEqual([told, 1]);
  await server.close();
});

it('leaves a page what it opened when the engine of the page before it ends late', async () => {
  const host = openBridgeHost();
  const server = openPageServer(host);
  const [engine, next] = [openPort(), openPort()];
  await server.serve('ui', openPort());
  await server.serve('engine', engine);
  await server.serve('ui', openPort());
  engine.close();
  await server.serve('engine', next);
  expect(host.pagesGone()[0]).toBeGreaterThan(0);
  expect(host.pagesGone()[1]).toBe(0);
  await server.close();
  expect(host.pagesGone()[1]).toBeGreaterThan(0);
});

it('closes what a page opened where its engine was lost before it was served', async () => {
  const host = openBridgeHost();
  const server = openPageServer(host);
  const engine = openPort();
  await server.serve('ui', openPort());
  const serving = server.serve('engine', engine);
  engine.close();
  await serving;
  expect(host.pagesGone()).toEqual([1]);
  await server.close();
});

it('serves none that comes while it closes', async () => {
  const server = openPageServer(openBridgeHost());
  const port = openPort();
  const serving = server.serve('engine', port);
  await server.close();
  await serving;
  expect([port.isServed, port.isOver()]).toEqual([false, true]);
});
