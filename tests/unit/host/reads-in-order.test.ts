// The reads of an attempt that is over reach the host before the next one begins, however many wait.

import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openBlockMemory } from '../../../host/block-memory.ts';
import { openRealDisk } from '../../../host/disk/real-disk.ts';
import { openSending } from '../../../host/source/send-service.ts';
import { systemClock } from '../../../host/system-clock.ts';
import { portFromMessagePort } from '../../../renderer/bridge/message-port.ts';
import { engineCalls } from '../../../shared/ipc/contract.ts';
import { openRpcClient, serveRpc } from '../../../shared/ipc/rpc.ts';
import { blockBytes } from '../../../shared/wire/limits.ts';

it('a read of an attempt that is over names no fault in place of the next attempt', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'tincan-over-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const names = [...'abcdefghij'];
  for (const name of names) writeFileSync(path.join(folder, name), Buffer.alloc(8 * blockBytes, name));
  const sending = await openSending({ disk: openRealDisk(), dataDir: folder, memory: openBlockMemory(systemClock) });
  const { port1, port2 } = new MessageChannel();
  serveRpc(portFromMessagePort(port2), { calls: engineCalls, handlers: sending.handlers as never });
  const client = openRpcClient<typeof engineCalls, Record<never, never>>(portFromMessagePort(port1));
  const ids: string[] = [];
  for (const [n, name] of names.entries()) {
    const [item] = await sending.stage([path.join(folder, name)]);
    const transfer = `${n}`.repeat(32);
    ids.push(transfer);
    await client.call('send.open', { transfer, secret: 'ab'.repeat(32), items: [item!.id], peerName: 'x' });
    await client.call('send.select', { transfer, selection: 'all' });
  }
  // Ten transfers read eight blocks ahead each; the last two find no place with the host yet.
  const first = ids.flatMap((transfer) =>
    Array.from({ length: 8 }, (_, block) => client.call('send.read', { transfer, block }).catch((e) => e)),
  );
  // The link goes on over another control channel: these attempts are over, and what they read is for nobody.
  truncateSync(path.join(folder, 'j'), 100);
  const last = ids.at(-1)!;
  await Promise.all(ids.map((transfer) => client.call('send.select', { transfer, selection: 'all' })));
  const again = await client.call('send.read', { transfer: last, block: 0 });
  await Promise.all(first);
  const rest = await Promise.all(
    Array.from({ length: 7 }, (_, n) => client.call('send.read', { transfer: last, block: n + 1 })),
  );
  const faults = [again, ...rest].flatMap((one) => one.faults);
  client.close();
  await sending.close();
  expect(faults).toEqual([{ index: 0, code: 'source-changed' }]);
});
