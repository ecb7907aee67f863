// A call or an answer too large for the pipe fails that call. A stranger's names may be in it, and must not part a page from its host.

import { expect, it } from 'vitest';
import { call, type Handlers } from '../../../shared/ipc/calls.ts';
import { encodePacket, openPacketReader } from '../../../shared/ipc/packet.ts';
import { openRpcClient, type RpcPort, serveRpc } from '../../../shared/ipc/rpc.ts';
import { z } from '../../../shared/model/schema.ts';
import { bridgeMaxHeadChars } from '../../../shared/wire/limits.ts';

const calls = { text: call(z.strictObject({ chars: z.number(), why: z.string().optional() })).returns<string>() };
type Events = { readonly told: string };

/** Two ends that hand packets to each other, as sockets do. */
function openPair(): [RpcPort, RpcPort] {
  const ends = [new Set<(message: unknown) => void>(), new Set<(message: unknown) => void>()] as const;
  const closing = new Set<() => void>();
  let isOpen = true;
  const portOf = (own: number): RpcPort => {
    const reader = openPacketReader();
    return {
      post(message) {
        for (const piece of encodePacket(message)) {
          const packet = reader.take(piece);
          if (typeof packet !== 'object') continue;
          queueMicrotask(() => {
            for (const hear of ends[1 - own]!) hear(packet.message);
          });
        }
      },
      onMessage(listener) {
        ends[own]!.add(listener);
        return () => ends[own]!.delete(listener);
      },
      onClose(listener) {
        closing.add(listener);
        return () => closing.delete(listener);
      },
      close() {
        if (!isOpen) return;
        isOpen = false;
        for (const tell of closing) tell();
      },
    };
  };
  return [portOf(0), portOf(1)];
}

const handlers: Handlers<typeof calls> = { text: ({ chars }) => 'x'.repeat(chars) };

it('fails its call, and the next one is answered', async () => {
  const [page, host] = openPair();
  serveRpc<typeof calls, Events>(host, { calls, handlers });
  const client = openRpcClient<typeof calls, Events>(page);
  await expect(client.call('text', { chars: bridgeMaxHeadChars })).rejects.toMatchObject({ code: 'bridge-invalid' });
  expect(await client.call('text', { chars: 3 })).toBe('xxx');
});

it('fails its call where the call itself is too large, and the others are answered', async () => {
  const [page, host] = openPair();
  serveRpc<typeof calls, Events>(host, { calls, handlers });
  const client = openRpcClient<typeof calls, Events>(page);
  const earlier = client.call('text', { chars: 2 });
  const large = client.call('text', { chars: 3, why: 'x'.repeat(bridgeMaxHeadChars) });
  await expect(large).rejects.toMatchObject({ code: 'bridge-invalid' });
  expect([await earlier, await client.call('text', { chars: 3 })]).toEqual(['xx', 'xxx']);
});

it('an event that is too large ends the port: whoever misses one knows nothing for sure', () => {
  const [, host] = openPair();
  const server = serveRpc<typeof calls, Events>(host, { calls, handlers });
  let isClosed = false;
  server.onClose(() => {
    isClosed = true;
  });
  server.emit('told', 'x'.repeat(bridgeMaxHeadChars));
  expect(isClosed).toBe(true);
});
