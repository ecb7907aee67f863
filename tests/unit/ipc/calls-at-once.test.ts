// More calls than the host takes at once wait their turn: none fails, and none overtakes another.

import { expect, it } from 'vitest';
import { portFromMessagePort } from '../../../renderer/bridge/message-port.ts';
import { call, type Handlers } from '../../../shared/ipc/calls.ts';
import { openRpcClient, serveRpc } from '../../../shared/ipc/rpc.ts';
import { z } from '../../../shared/model/schema.ts';
import { bridgeMaxOutstanding } from '../../../shared/wire/limits.ts';

const calls = {
  read: call(z.strictObject({ nth: z.number() })).returns<number>(),
  select: call(z.strictObject({})).returns<string>(),
};

it('reads that take long wait for each other, and what is asked after them comes after them', async () => {
  const { port1, port2 } = new MessageChannel();
  const disk = Promise.withResolvers<void>();
  const begun: (number | 'select')[] = [];
  const handlers: Handlers<typeof calls> = {
    read: async ({ nth }) => {
      begun.push(nth);
      await disk.promise;
      return nth;
    },
    select: () => {
      begun.push('select');
      return 'selected';
    },
  };
  serveRpc(portFromMessagePort(port2), { calls, handlers });
  const client = openRpcClient<typeof calls, Record<never, never>>(portFromMessagePort(port1));
  const all = Array.from({ length: 3 * bridgeMaxOutstanding }, (_, nth) => nth);
  const reads = Promise.all(all.map((nth) => client.call('read', { nth })));
  const select = client.call('select', {});
  await expect.poll(() => begun).toEqual(all.slice(0, bridgeMaxOutstanding));
  disk.resolve();
  expect(await reads).toEqual(all);
  expect(await select).toBe('selected');
  expect(begun).toEqual([...all, 'select']);
  client.close();
});
