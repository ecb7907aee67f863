// What the host tells while the page is still being drawn: nobody listens yet, and nothing of it is lost.

import { expect, it } from 'vitest';
import { portFromMessagePort } from '../../../renderer/bridge/message-port.ts';
import { call } from '../../../shared/ipc/calls.ts';
import { openRpcClient, serveRpc } from '../../../shared/ipc/rpc.ts';
import { z } from '../../../shared/model/schema.ts';
import { earlyEventsMax } from '../../../shared/wire/limits.ts';

const calls = { ask: call(z.strictObject({})).returns<string>() };
type Events = { readonly staged: number; readonly moved: string };

function open() {
  const { port1, port2 } = new MessageChannel();
  const server = serveRpc<typeof calls, Events>(portFromMessagePort(port2), {
    calls,
    handlers: { ask: () => 'answer' },
  });
  const client = openRpcClient<typeof calls, Events>(portFromMessagePort(port1));
  const heard: unknown[] = [];
  return { server, client, heard };
}

it('is heard by whoever listens first, in order and before what comes later', async () => {
  const { server, client, heard } = open();
  for (const nth of [1, 2]) server.emit('staged', nth);
  server.emit('moved', 'here');
  expect(await client.call('ask', {})).toBe('answer');
  client.on('staged', (nth) => heard.push(nth));
  expect(heard).toEqual([]);
  server.emit('staged', 3);
  await expect.poll(() => heard).toEqual([1, 2, 3]);
  client.on('staged', (nth) => heard.push(`again ${nth}`));
  client.on('moved', (where) => heard.push(where));
  await expect.poll(() => heard).toEqual([1, 2, 3, 'here']);
  client.close();
});

it('is bounded, and the newest of it is kept', async () => {
  const { server, client, heard } = open();
  for (let nth = 0; nth < 3 * earlyEventsMax; nth += 1) server.emit('staged', nth);
  await client.call('ask', {});
  client.on('staged', (nth) => heard.push(nth));
  await expect.poll(() => heard).toHaveLength(earlyEventsMax);
  expect(heard.at(-1)).toBe(3 * earlyEventsMax - 1);
  client.close();
});

it('is told to nobody any more once whoever listened has stopped', async () => {
  const { server, client, heard } = open();
  client.on('staged', (nth) => heard.push(nth))();
  server.emit('staged', 1);
  await client.call('ask', {});
  client.on('staged', (nth) => heard.push(nth));
  server.emit('staged', 2);
  await expect.poll(() => heard).toEqual([2]);
  client.close();
});
